import Journal
import Postgres
import Storing

/// The tables of a ledger in PostgreSQL, in the schema `shipit`.
enum PostgresSchema {
    /// The newest version this code reads and writes.
    static let version = 4
    /// "ship" in ASCII: the advisory lock under which the tables are made.
    private static let lock: Int64 = 0x7368_6970

    /// Makes the database a ledger of this version unless it is one; costs one statement when it is.
    ///
    /// An administrator may have made the schema, or all of it: then only the rights to use it are needed.
    static func prepare(_ connection: Connection, at url: DatabaseURL) async throws {
        var found = try await self.found(connection, url)
        if found.version == 0 {
            try await create(connection, url)
            found = try await self.found(connection, url)
        }
        if found.version == 1 {
            try await upgrade(connection, url, from: 1) { _ in toVersion2 }
            found = try await self.found(connection, url)
        }
        if found.version == 2 {
            try await upgrade(connection, url, from: 2, by: toVersion3)
            found = try await self.found(connection, url)
        }
        if found.version == 3 {
            try await upgrade(connection, url, from: 3) { _ in toVersion4 }
            found = try await self.found(connection, url)
        }
        if !found.hasNextMonth { await PostgresMonths.add(connection) }
    }

    /// The version of the tables that are there, which this code knows, or 0 when there are none; and whether they have a place for
    /// the runs of the next month.
    private static func found(
        _ connection: Connection, _ url: DatabaseURL
    ) async throws -> (version: Int, hasNextMonth: Bool) {
        let row: Row?
        do throws(PostgresError) {
            row = try await connection.rows(
                "SELECT max(version), \(PostgresMonths.hasNext) FROM shipit.schema_version"
            ).first
        } catch {
            // Undefined table: nobody made them yet.
            guard error.sqlState == "42P01" else { throw error }
            return (0, false)
        }
        guard let found = row?.integer(0).flatMap({ Int(exactly: $0) }) else {
            throw StoreError(.corrupt, "The schema shipit in \(url) tells no version: it is no ledger. Name another database.")
        }
        guard found <= version else { throw StoreError.newerSchema(url.description, found: found, known: version) }
        return (found, row?.boolean(1) == true)
    }

    /// Makes what an older shipit left the next version, by the `script` for the month whose first name it is given.
    private static func upgrade(
        _ connection: Connection, _ url: DatabaseURL, from version: Int, by script: @Sendable (String) -> String
    ) async throws {
        do {
            try await connection.transaction {
                // Of two processes that come first at the same time, the second finds the work done.
                _ = try await connection.rows("SELECT pg_advisory_xact_lock($1)", [.integer(lock)])
                guard try await found(connection, url).version == version else { return }
                let name = try await PostgresMonths.firstName(connection)
                try await connection.execute(
                    script: "\(script(name)); UPDATE shipit.schema_version SET version = \(version + 1);",
                    timeout: upgradePatience)
            }
        } catch let error as PostgresError where error.code == .refused {
            throw StoreError(
                .refused,
                """
                The ledger in \(url) was made by an older shipit, and its user may not change the tables. \(error.message) \
                Ask the user who owns the tables to run any command of this shipit once, as 'shipit status'.
                """)
        }
    }

    /// How long an upgrade may take: it reads the entries once, of which there may be some gigabytes.
    private static let upgradePatience = Duration.seconds(600)

    /// Version 2 knows which journals wait for somebody.
    ///
    /// Of version 1 only the summary tells. A run without one is taken for waiting: whoever asks then looks at the run itself.
    private static let toVersion2 = """
        ALTER TABLE shipit.journals ADD COLUMN waiting boolean NOT NULL DEFAULT false;
        UPDATE shipit.journals SET waiting = true
        WHERE kind = 'run' AND coalesce(position('"waiting":[]'::bytea IN summary), 0) = 0;
        \(waitingIndex)
        """

    /// Version 3 keeps the entries of runs by the month in which the run began.
    ///
    /// What is there stays where it is, as the part that begins the table, but for the entries of names that come after; owner and
    /// rights are those of the old table.
    @Sendable private static func toVersion3(before name: String) -> String {
        """
        ALTER TABLE shipit.entries RENAME TO entries_base;
        ALTER INDEX shipit.entries_pkey RENAME TO entries_base_pkey;
        \(PostgresMonths.entries);
        \(given(to: ["entries", "entries_rest"], as: "entries_base"));
        \(PostgresMonths.attachBase(before: name))
        """
    }

    /// Version 4 keeps what stages print; whoever could write entries can write that.
    private static let toVersion4 = """
        \(PostgresLogs.table);
        \(given(to: ["logs"], as: "entries"))
        """

    /// Gives tables the owner of another one, and lets everybody use them who may use that.
    private static func given(to tables: [String], as old: String) -> String {
        let grants = tables.map {
            """
            EXECUTE format('ALTER TABLE shipit.\($0) OWNER TO %s', old.relowner::regrole);
            FOR given IN SELECT * FROM aclexplode(old.relacl) LOOP
                EXECUTE format('GRANT %s ON shipit.\($0) TO %s', given.privilege_type,
                    CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE given.grantee::regrole::text END);
            END LOOP;
            """
        }
        return """
            DO $$
            DECLARE
                old pg_class := (SELECT pg_class FROM pg_class WHERE oid = 'shipit.\(old)'::regclass);
                given record;
            BEGIN
            \(grants.joined(separator: "\n"))
            END $$
            """
    }

    /// As large as there are journals that wait, and not as there are journals.
    private static let waitingIndex = "CREATE INDEX journals_waiting ON shipit.journals(kind, name) WHERE waiting"

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
                let name = try await PostgresMonths.firstName(connection)
                try await connection.execute(script: tables(before: name), timeout: Connection.patience)
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
    private static func tables(before name: String) -> String {
        """
        CREATE TABLE shipit.schema_version(version integer PRIMARY KEY);
        CREATE TABLE shipit.journals(
            kind text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            hash bytea NOT NULL,
            summary bytea,
            updated bigint NOT NULL,
            waiting boolean NOT NULL DEFAULT false,
            PRIMARY KEY (kind, name)
        );
        \(waitingIndex);
        \(PostgresMonths.entries);
        CREATE TABLE shipit.entries_base(LIKE shipit.entries INCLUDING INDEXES);
        \(PostgresMonths.attachBase(before: name));
        -- A released lease keeps its row without a holder, so that its token never comes back.
        CREATE TABLE shipit.leases(
            resource text COLLATE "C" PRIMARY KEY,
            token bigint NOT NULL,
            holder jsonb,
            acquired bigint NOT NULL,
            expires bigint NOT NULL
        );
        \(PostgresLogs.table);
        INSERT INTO shipit.schema_version(version) VALUES (\(version));
        """
    }
}
