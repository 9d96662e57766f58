import GRDB
import Journal

/// The tables of a ledger in SQLite, and how a file is told from one.
enum SQLiteSchema {
    /// The newest version this code reads and writes, kept in `PRAGMA user_version`.
    static let version = 1
    /// "ship" in ASCII, kept in `PRAGMA application_id`: a database without it is somebody else's.
    private static let application: Int32 = 0x7368_6970

    /// Makes `database` a ledger unless it is one; costs one statement when it is.
    static func prepare(_ database: Database, at path: String) throws {
        if try isCurrent(database, at: path) { return }
        try database.inTransaction(.immediate) {
            // Another process may have been first.
            if try !isCurrent(database, at: path) { try create(database) }
            return .commit
        }
    }

    private static func isCurrent(_ database: Database, at path: String) throws -> Bool {
        let sql = """
            SELECT user_version, application_id, (SELECT count(*) FROM sqlite_master)
            FROM pragma_user_version, pragma_application_id
            """
        guard let row = try Row.fetchOne(database, sql: sql) else { return false }
        let (found, application, tables): (Int, Int32, Int) = (row[0], row[1], row[2])
        if application != Self.application {
            guard found == 0, application == 0, tables == 0 else {
                throw StoreError(.corrupt, "The file \(path) is an SQLite database of something else; name another file.")
            }
            return false
        }
        guard found <= version else { throw StoreError.newerSchema(path, found: found, known: version) }
        return found == version
    }

    /// Entries are clustered by journal and position, which is how they are read; nothing points at a row from elsewhere.
    private static func create(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE journals(
                    name TEXT PRIMARY KEY,
                    position INTEGER NOT NULL,
                    hash BLOB NOT NULL,
                    summary BLOB,
                    updated INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE entries(
                    journal TEXT NOT NULL,
                    position INTEGER NOT NULL,
                    body BLOB NOT NULL,
                    previous BLOB NOT NULL,
                    hash BLOB NOT NULL,
                    PRIMARY KEY (journal, position)
                ) STRICT, WITHOUT ROWID;
                -- A released lease keeps its row without a holder, so that its token never comes back.
                CREATE TABLE leases(
                    resource TEXT PRIMARY KEY,
                    token INTEGER NOT NULL,
                    holder TEXT,
                    host TEXT NOT NULL,
                    account TEXT NOT NULL,
                    process TEXT,
                    purpose TEXT NOT NULL,
                    acquired INTEGER NOT NULL,
                    expires INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                PRAGMA application_id = \(application);
                PRAGMA user_version = \(version);
                """)
    }
}
