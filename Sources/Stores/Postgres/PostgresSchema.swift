import Journal
import Postgres

/// The tables of a ledger in PostgreSQL, in the schema `shipit`.
enum PostgresSchema {
    /// The newest version this code reads and writes.
    static let version = 1
    /// "ship" in ASCII: the advisory lock under which the tables are made.
    private static let lock: Int64 = 0x7368_6970

    /// Makes the database a ledger unless it is one; costs one statement when it is.
    ///
    /// An administrator may have made the schema, or all of it: then only the rights to use it are needed.
    static func prepare(_ connection: Connection, at url: DatabaseURL) async throws {
        if try await !isLedger(connection, url) {
            try await create(connection, url)
            _ = try await isLedger(connection, url)
        }
    }

    /// Whether the tables are there, and of a version this code knows.
    private static func isLedger(_ connection: Connection, _ url: DatabaseURL) async throws -> Bool {
        let newest: Int64?
        do throws(PostgresError) {
            newest = try await connection.rows("SELECT max(version) FROM shipit.schema_version").first?.integer(0)
        } catch {
            // Undefined table: nobody made them yet.
            guard error.sqlState == "42P01" else { throw error }
            return false
        }
        guard let found = newest.flatMap({ Int(exactly: $0) }) else {
            throw StoreError(.corrupt, "The schema shipit in \(url) tells no version: it is no ledger. Name another database.")
        }
        guard found <= version else { throw StoreError.newerSchema(url.description, found: found, known: version) }
        return true
    }

    private static func create(_ connection: Connection, _ url: DatabaseURL) async throws {
        do {
            try await connection.transaction {
                // Of two processes that come first at the same time, the second finds the work done.
                _ = try await connection.rows("SELECT pg_advisory_xact_lock($1)", [.integer(lock)])
                let found = try await connection.rows(
                    "SELECT to_regclass('shipit.schema_version') IS NOT NULL, to_regnamespace('shipit') IS NOT NULL")
                if found.first?.boolean(0) == true { return }
                // IF NOT EXISTS would ask for the right to create schemas even where this one exists.
                if found.first?.boolean(1) != true { _ = try await connection.rows("CREATE SCHEMA shipit") }
                try await connection.execute(script: tables, timeout: Connection.patience)
            }
        } catch let error as PostgresError where error.code == .refused {
            throw StoreError(
                .refused,
                """
                The ledger's tables are missing in \(url), and its user may not create them. \(error.message) \
                Ask an administrator to run CREATE SCHEMA shipit AUTHORIZATION for this user there.
                """)
        }
    }

    /// The script that makes them.
    ///
    /// Names are compared byte by byte, as `JournalName` does, whatever the database's collation. Times are milliseconds since
    /// 1970.
    private static let tables = """
        CREATE TABLE shipit.schema_version(version integer PRIMARY KEY);
        CREATE TABLE shipit.journals(
            kind text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            hash bytea NOT NULL,
            summary bytea,
            updated bigint NOT NULL,
            PRIMARY KEY (kind, name)
        );
        CREATE TABLE shipit.entries(
            kind text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            body bytea NOT NULL,
            previous bytea NOT NULL,
            hash bytea NOT NULL,
            PRIMARY KEY (kind, name, position)
        );
        -- A released lease keeps its row without a holder, so that its token never comes back.
        CREATE TABLE shipit.leases(
            resource text COLLATE "C" PRIMARY KEY,
            token bigint NOT NULL,
            holder jsonb,
            acquired bigint NOT NULL,
            expires bigint NOT NULL
        );
        INSERT INTO shipit.schema_version(version) VALUES (\(version));
        """
}
