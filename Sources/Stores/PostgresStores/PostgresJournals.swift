import Hashing
import Journal
import Postgres
import Storing

/// What a ledger in PostgreSQL does with journals.
extension Connection {
    private static let columns = "kind, name, position, hash, summary, updated, waiting"

    /// Begins a transaction and locks all that the requests name, in one round trip.
    ///
    /// In one order everywhere, so that no two transactions wait for each other: leases by name, then journals that are to begin by
    /// name, which get an empty row to be locked, then journals by name. Gives what is there, and the transaction's number, by which
    /// the server can be asked later what became of it.
    func lock(_ requests: [AppendRequest]) async throws -> (ground: AppendGround, transaction: String) {
        let resources = Set(requests.flatMap(\.leases).map(\.resource)).sorted()
        let new = Set(requests.flatMap(\.beginnings)).sorted()
        let journals = Set(requests.flatMap(\.journals)).sorted()
        // Those who share a transaction do not wait together for what one of them needs.
        var statements = Self.begin(patience: requests.count > 1 ? .seconds(1) : Self.patience)
        let preamble = statements.count
        if !resources.isEmpty { statements.append(Self.locked(resources)) }
        if !new.isEmpty { statements.append(Self.emptyRows(of: new)) }
        if !journals.isEmpty { statements.append(Self.locked(journals)) }
        // Asked after the locks were waited for.
        statements.append(
            Statement("SELECT \(Self.now), pg_current_xact_id()::text, pg_backend_pid()", isKept: true))
        let found = try await query(pipeline: statements, timeout: Self.patience)
        guard let last = found.last?.rows.first, let now = last.integer(0), let transaction = last.text(1),
            let process = last.integer(2)
        else { throw StoreError(.failed, "The server did not tell its time.") }
        keepStatements(in: process)
        var ground = AppendGround(now: now)
        if !resources.isEmpty { ground.leases = try Self.leases(found[preamble]) }
        for row in journals.isEmpty ? [] : found[found.count - 2].rows {
            let head = try Head(row: row)
            // An empty row is no journal yet.
            if head.position > 0 { ground.heads[head.journal] = head }
        }
        return (ground, transaction)
    }

    /// Writes a plan that was made for the requests on the ground of this transaction, and commits, in one round trip.
    ///
    /// Who listens is told after the commit, in a transaction that nobody waits to see on the disk: PostgreSQL lets one that tells
    /// something keep all others that do from committing until it is there (`PreCommit_Notify`). Whoever is not told, since the
    /// server ended in between, looks by itself.
    func commit(_ plan: AppendPlan, for requests: [AppendRequest], on ground: AppendGround) async throws(PostgresError) {
        var statements: [Statement] = []
        if !plan.removals.isEmpty {
            statements += ["entries", "journals"].map { Self.delete(plan.removals, from: $0) }
            statements.append(PostgresLogs.delete(ofRuns: plan.removals.filter { $0.kind == .run }.map(\.name)))
        }
        statements.append(Self.insert(plan.entries))
        statements.append(Self.update(plan.heads, after: ground.heads))
        let refused = Set(requests.flatMap(\.beginnings)).subtracting(plan.heads.map(\.journal))
        if !refused.isEmpty { statements.append(Self.delete(Array(refused), from: "journals", where: "AND position = 0")) }
        statements.append(Statement("COMMIT"))
        statements.append(
            Statement(
                "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)",
                [.text(PostgresNews.channel), .text(PostgresNews.text(of: plan.heads.map(\.journal)))], isKept: true))
        _ = try await query(pipeline: statements, timeout: Self.patience)
    }

    private static func locked(_ journals: [JournalName]) -> Statement {
        Statement(
            """
            SELECT \(columns) FROM shipit.journals JOIN unnest($1::text[], $2::text[]) AS wanted(kind, name) USING (kind, name)
            ORDER BY kind, name FOR UPDATE OF journals
            """, journals.values, isKept: true)
    }

    private static func emptyRows(of journals: [JournalName]) -> Statement {
        Statement(
            """
            INSERT INTO shipit.journals(kind, name, position, hash, updated)
            SELECT kind, name, 0, $3, 0 FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS new(kind, name, place)
            ORDER BY place ON CONFLICT DO NOTHING
            """, journals.values + [.bytes(SHA256Sum.zero.bytes)], isKept: true)
    }

    private static func insert(_ entries: [Entry]) -> Statement {
        Statement(
            """
            INSERT INTO shipit.entries(kind, name, position, body, previous, hash)
            SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[])
            """,
            entries.map(\.journal).values + [
                .integers(entries.map(\.position)), .byteStrings(entries.map(\.body)),
                .byteStrings(entries.map(\.previous.bytes)), .byteStrings(entries.map(\.hash.bytes)),
            ], isKept: true)
    }

    private static func update(_ heads: [Head], after old: [JournalName: Head]) -> Statement {
        Statement(
            """
            UPDATE shipit.journals AS old
            SET position = new.position, hash = new.hash, summary = coalesce(new.summary, old.summary), waiting = new.waiting,
                updated = new.updated
            FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[], $6::boolean[], $7::bigint[])
                AS new(kind, name, position, hash, summary, waiting, updated)
            WHERE old.kind = new.kind AND old.name = new.name
            """,
            heads.map(\.journal).values + [
                .integers(heads.map(\.position)), .byteStrings(heads.map(\.hash.bytes)),
                // A summary that stays as it was is not sent again.
                .byteStrings(heads.map { $0.summary == old[$0.journal]?.summary ? nil : $0.summary }),
                .booleans(heads.map(\.isWaiting)), .integers(heads.map(\.updated)),
            ], isKept: true)
    }

    private static func delete(_ journals: [JournalName], from table: String, where condition: String = "") -> Statement {
        Statement(
            """
            DELETE FROM shipit.\(table) AS old USING unnest($1::text[], $2::text[]) AS gone(kind, name)
            WHERE old.kind = gone.kind AND old.name = gone.name \(condition)
            """, journals.values)
    }

    /// Whether the transaction of this number made `heads`; nil when the server works on it for longer than is waited.
    ///
    /// The number alone would not do after a fail-over to a server that knows another transaction by it.
    func committed(_ transaction: String, _ heads: [Head]) async throws -> Bool? {
        for _ in 0..<100 {
            let status: String?
            do throws(PostgresError) {
                status = try await rows("SELECT pg_xact_status($1::xid8)", [.text(transaction)]).first?.text(0)
            } catch {
                // A number this server has not come to yet.
                guard error.sqlState == "22023" else { throw error }
                return false
            }
            if status == "in progress" {
                try await Task.sleep(for: .milliseconds(50))
                continue
            }
            guard status == "committed", let head = heads.first else { return false }
            let entry = try await entries(of: head.journal, after: head.position - 1, limit: 1).first
            return entry?.hash == head.hash
        }
        return nil
    }

    /// At most `limit` entries after `position`.
    func entries(
        of journal: JournalName, after position: Int64, limit: Int, since mark: PostgresMark? = nil
    ) async throws -> [Entry] {
        try await rows(
            keeping: """
                SELECT position, body, previous, hash FROM shipit.entries
                WHERE kind = $1 AND name = $2 AND position > $3 ORDER BY position LIMIT $4
                """, journal.values + [.integer(position), .integer(Int64(max(limit, 0)))], since: mark
        ).map { row in
            guard let position = row.integer(0), let body = row.bytes(1), let previous = row.sum(2), let hash = row.sum(3) else {
                throw StoreError(.corrupt, "The journal \(journal) holds an entry that cannot be read; restore the ledger.")
            }
            return Entry(journal: journal, position: position, body: body, previous: previous, hash: hash)
        }
    }

    /// The newest end of `journal`.
    func head(of journal: JournalName, since mark: PostgresMark? = nil) async throws -> Head? {
        try await rows(
            keeping: "SELECT \(Self.columns) FROM shipit.journals WHERE kind = $1 AND name = $2", journal.values, since: mark
        ).first.map(Head.init(row:))
    }

    /// At most `limit` heads of one kind, greatest name first; of those only that wait for somebody when asked for.
    ///
    /// Two statements, since one that is kept is planned once: what is before a name must be looked up by it.
    func heads(
        of kind: JournalName.Kind, before: String?, limit: Int, waiting: Bool = false, since mark: PostgresMark? = nil
    ) async throws -> [Head] {
        try await rows(
            keeping: """
                SELECT \(Self.columns) FROM shipit.journals
                WHERE kind = $1\(before == nil ? "" : " AND name < $3")\(waiting ? " AND waiting" : "") ORDER BY name DESC LIMIT $2
                """, [.text(kind.rawValue), .integer(Int64(max(limit, 0)))] + (before.map { [.text($0)] } ?? []),
            since: mark
        ).map(Head.init(row:))
    }
}

extension JournalName {
    /// The two columns that name a journal.
    fileprivate var values: [Value] { [.text(kind.rawValue), .text(name)] }
}

extension [JournalName] {
    /// The same two columns of many.
    fileprivate var values: [Value] { [.texts(map(\.kind.rawValue)), .texts(map(\.name))] }
}

extension Head {
    /// Reads kind, name, position, hash, summary, update time and whether it waits.
    fileprivate init(row: Row) throws(StoreError) {
        let name = "\(row.text(0) ?? "")/\(row.text(1) ?? "")"
        guard let journal = JournalName(name), let position = row.integer(2), let hash = row.sum(3), let updated = row.integer(5),
            let isWaiting = row.boolean(6)
        else {
            throw StoreError(
                .corrupt, "The ledger holds a journal \(name.debugDescription) that shipit cannot have written; restore it.")
        }
        self.init(journal: journal, position: position, hash: hash, summary: row.bytes(4), isWaiting: isWaiting, updated: updated)
    }
}

extension Row {
    /// The hash in a column.
    fileprivate func sum(_ column: Int) -> SHA256Sum? {
        bytes(column).flatMap { SHA256Sum(bytes: $0) }
    }
}
