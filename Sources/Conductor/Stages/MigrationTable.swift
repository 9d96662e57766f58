import Hashing
import Pipeline
import Postgres

/// What a database records of its migrations: dbmate's `schema_migrations`, `shipit_migrations` with checksum and run, and in
/// `shipit_fence` which attempt may migrate it.
struct MigrationTable {
    private let connection: Connection
    private let environment: EnvironmentName
    private let work: Work

    /// Opens the environment's database for as long as `body` takes.
    static func open<Answer: Sendable>(
        _ database: Database, for environment: EnvironmentName, _ work: Work,
        _ body: (MigrationTable) async throws(StageFailure) -> Answer
    ) async throws(StageFailure) -> Answer {
        let address = try await work.tools.vault.resolve(database.url, for: "the database of \(environment)")
        let connection: Connection
        do throws(PostgresError) {
            connection = try await Connection(
                try DatabaseURL(address), applicationName: "shipit \(work.run)", connectTimeout: .seconds(10))
        } catch {
            throw StageFailure.database(error, of: environment)
        }
        let result: Result<Answer, StageFailure>
        do throws(StageFailure) {
            result = .success(try await body(MigrationTable(connection: connection, environment: environment, work: work)))
        } catch {
            result = .failure(error)
        }
        await connection.close()
        return try result.get()
    }

    /// Keeps every other shipit from migrating this database until the session ends, waiting for one that does.
    ///
    /// Refused behind a pooler that lends sessions for one transaction only: there the lock would stay behind with a stranger's session.
    func lock() async throws(StageFailure) {
        try await requireSession()
        // Before our turn: whoever has lost the environment to us while it slept in its own turn shall find that out in it.
        if try await exists("shipit_fence") { try await raiseFence() }
        // The key is that of shipit, the same for every database: advisory locks belong to one database anyway.
        let key = Value.integer(0x7368_6970_6974)
        var isWaiting = false
        while true {
            let rows = try await query("SELECT pg_try_advisory_lock($1)", [key])
            if rows.first?.boolean(0) == true { break }
            if !isWaiting { await work.log.say("another migration of this database is under way: waiting for it") }
            isWaiting = true
            do { try await Task.sleep(for: .milliseconds(250)) } catch {
                throw StageFailure("cancelled", "The wait for the migration lock was ended.")
            }
        }
        _ = try await query("CREATE TABLE IF NOT EXISTS schema_migrations (version varchar(128) PRIMARY KEY)")
        _ = try await query(
            """
            CREATE TABLE IF NOT EXISTS shipit_migrations (
                version varchar(128) PRIMARY KEY, file text NOT NULL, sum text NOT NULL, compatible boolean NOT NULL,
                run text NOT NULL, started_at timestamptz NOT NULL DEFAULT clock_timestamp(), finished_at timestamptz)
            """)
        _ = try await query(
            """
            CREATE TABLE IF NOT EXISTS shipit_fence (
                environment text PRIMARY KEY, attempt text NOT NULL,
                raised_at timestamptz NOT NULL DEFAULT clock_timestamp())
            """)
        try await raiseFence()
    }

    /// From now on only this attempt may migrate the database.
    ///
    /// The attempt's key is the token: it is nobody else's, and unlike the ledger's number it means the same to every ledger.
    private func raiseFence() async throws(StageFailure) {
        _ = try await query(
            """
            INSERT INTO shipit_fence (environment, attempt) VALUES ($1, $2)
            ON CONFLICT (environment) DO UPDATE SET attempt = $2, raised_at = clock_timestamp() WHERE shipit_fence.attempt <> $2
            """, [.text(environment.text), .text(work.key)])
    }

    /// Proves in the transaction that is open that nobody else has begun to migrate, and keeps it so until it ends.
    ///
    /// An attempt that slept until its time was over may have raised the fence after the one that follows it: its own clock tells.
    private func proveFence(before migration: Migration) async throws(StageFailure) {
        let attempt =
            try await query(
                "SELECT attempt FROM shipit_fence WHERE environment = $1 FOR SHARE", [.text(environment.text)]
            ).first?.text(0) ?? "nobody"
        guard attempt == work.key, work.tools.world.uptime() < work.end else {
            let reason =
                attempt == work.key ? "the time of this attempt is over" : "attempt \(attempt) migrates \(environment) now"
            throw StageFailure(
                "lease-lost", "\(migration.file) was not applied: \(reason).",
                remedy: "See 'shipit status \(environment)' for who has the environment.")
        }
    }

    private func requireSession() async throws(StageFailure) {
        let pooling: Pooling
        do throws(PostgresError) { pooling = try await connection.pooling() } catch {
            throw StageFailure.database(error, of: environment)
        }
        guard pooling == .session else {
            throw StageFailure(
                "database-pooled",
                "The database of \(environment) is behind a pooler that lends sessions for one transaction only, and a migration needs one for its lock.",
                remedy:
                    "Name the server itself in the database's url, or a pool with whole sessions (PgBouncer: pool_mode = session)."
            )
        }
    }

    /// What is pending, after proving that what was applied still stands in the commit as it was.
    func change(for migrations: [Migration]) async throws(StageFailure) -> SchemaChange {
        let applied = try await appliedVersions()
        let records = try await self.records()
        let known = Dictionary(migrations.map { ($0.version, $0) }, uniquingKeysWith: { first, _ in first })
        for version in applied {
            guard let migration = known[version] else {
                throw StageFailure(
                    "migration-missing", "Migration \(version) was applied to \(environment), and the commit does not have it.",
                    remedy: "Deploy a commit that has it: the database is ahead of this one.")
            }
            if let record = records[version], record.sum != migration.sum.hex {
                throw StageFailure(
                    "migration-changed", "\(migration.file) was changed after it was applied to \(environment).",
                    remedy: "Restore the file and write a new migration.")
            }
        }
        let isApplied = Set(applied)
        let pending = migrations.filter { !isApplied.contains($0.version) }
        if let newest = applied.last, let late = pending.first(where: { Migration.precedes($0.version, newest) }) {
            throw StageFailure(
                "migration-out-of-order", "\(late.file) is older than \(newest), which \(environment) has applied already.",
                remedy: "Give it a newer version: rename it with the present time.")
        }
        return SchemaChange(from: applied.last, pending: pending.map(\.mark))
    }

    /// Applies one migration and records it, both in one transaction unless the file forbids it.
    func apply(_ migration: Migration) async throws(StageFailure) {
        let record =
            "INSERT INTO shipit_migrations (version, file, sum, compatible, run, finished_at) VALUES ($1, $2, $3, $4, $5, "
        let values: [Value] = [
            .text(migration.version), .text(migration.file), .text(migration.sum.hex),
            .text(migration.isCompatible ? "true" : "false"),
            .text(work.run),
        ]
        guard migration.isTransactional else {
            // A row without an end is what tells, after a crash, that nobody knows how far it got.
            try await transaction { () async throws(StageFailure) in
                try await proveFence(before: migration)
                _ = try await query(record + "NULL)", values)
            }
            do throws(StageFailure) {
                try await run(migration)
            } catch {
                _ = try await query("DELETE FROM shipit_migrations WHERE version = $1", [.text(migration.version)])
                throw error
            }
            _ = try await query("INSERT INTO schema_migrations (version) VALUES ($1)", [.text(migration.version)])
            _ = try await query(
                "UPDATE shipit_migrations SET finished_at = clock_timestamp() WHERE version = $1", [.text(migration.version)])
            return
        }
        try await transaction { () async throws(StageFailure) in
            try await proveFence(before: migration)
            try await run(migration)
            _ = try await query("INSERT INTO schema_migrations (version) VALUES ($1)", [.text(migration.version)])
            _ = try await query(record + "clock_timestamp())", values)
        }
    }

    private func transaction(_ body: () async throws(StageFailure) -> Void) async throws(StageFailure) {
        _ = try await query("BEGIN")
        do throws(StageFailure) {
            try await body()
            _ = try await query("COMMIT")
        } catch {
            _ = try? await connection.query("ROLLBACK", [])
            throw error
        }
    }

    /// The migration outside a transaction whose end nobody recorded.
    func unfinished() async throws(StageFailure) -> String? {
        guard try await exists("shipit_migrations") else { return nil }
        return try await query("SELECT file FROM shipit_migrations WHERE finished_at IS NULL LIMIT 1").first?.text(0)
    }

    /// The versions that a run has applied, in order.
    func applied(by run: RunID) async throws(StageFailure) -> [String] {
        guard try await exists("shipit_migrations") else { return [] }
        let rows = try await query("SELECT version FROM shipit_migrations WHERE run = $1", [.text(run)])
        return rows.compactMap { $0.text(0) }.sorted(by: Migration.precedes)
    }

    /// The applied versions newer than `version`, each with whether it is marked compatible; nil where shipit does not know.
    func applied(after version: String?) async throws(StageFailure) -> [(version: String, file: String?, isCompatible: Bool?)] {
        let records = try await self.records()
        return try await appliedVersions().filter { candidate in version.map { Migration.precedes($0, candidate) } ?? true }.map {
            version in
            (version, records[version]?.file, records[version]?.isCompatible)
        }
    }

    private func run(_ migration: Migration) async throws(StageFailure) {
        do throws(PostgresError) {
            try await connection.execute(script: migration.up)
        } catch {
            throw StageFailure.migration(error, in: migration, of: environment)
        }
    }

    private struct Record {
        var file: String
        var sum: String
        var isCompatible: Bool
    }

    private func records() async throws(StageFailure) -> [String: Record] {
        guard try await exists("shipit_migrations") else { return [:] }
        var records: [String: Record] = [:]
        for row in try await query("SELECT version, file, sum, compatible FROM shipit_migrations WHERE finished_at IS NOT NULL") {
            guard let version = row.text(0), let file = row.text(1), let sum = row.text(2) else { continue }
            records[version] = Record(file: file, sum: sum, isCompatible: row.boolean(3) ?? false)
        }
        return records
    }

    private func appliedVersions() async throws(StageFailure) -> [String] {
        guard try await exists("schema_migrations") else { return [] }
        return try await query("SELECT version FROM schema_migrations").compactMap { $0.text(0) }.sorted(by: Migration.precedes)
    }

    private func exists(_ table: String) async throws(StageFailure) -> Bool {
        try await query("SELECT to_regclass($1) IS NOT NULL", [.text(table)]).first?.boolean(0) == true
    }

    private func query(_ statement: String, _ values: [Value] = []) async throws(StageFailure) -> [Row] {
        do throws(PostgresError) {
            return try await connection.query(statement, values).rows
        } catch {
            throw StageFailure.database(error, of: environment)
        }
    }
}

extension StageFailure {
    /// A database that did not do what it was asked.
    static func database(_ error: PostgresError, of environment: EnvironmentName) -> StageFailure {
        let remedy =
            switch error.code {
            case .unreachable, .connectionLost: "See whether the database is up and reachable from here."
            case .refused: "Correct the user or password in the environment's database url."
            case .databaseMissing: "Create the database."
            default: "See the database's own log."
            }
        return StageFailure(
            "database-failed", "The database of \(environment) failed: \(error.message)", remedy: remedy, isPassing: error.passing
        )
    }

    /// A migration that PostgreSQL refused, at its place in the file.
    static func migration(_ error: PostgresError, in migration: Migration, of environment: EnvironmentName) -> StageFailure {
        let line = error.position.map { position in
            migration.upLine + migration.up.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" }
        }
        let place = line.map { "\(migration.file):\($0)" } ?? migration.file
        let left =
            migration.isTransactional
            ? "Nothing of it was applied." : "It runs outside a transaction: parts of it may have been applied."
        return StageFailure(
            "migration-failed", "\(place): \(error.message). \(left)", remedy: "Correct the migration in a new commit.",
            // What was applied in part is not repeated by itself.
            isPassing: migration.isTransactional && error.passing)
    }
}
