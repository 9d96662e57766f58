import GRDB
import Journal
import Storing

/// The tables of a ledger in SQLite, and how a file is told from one.
enum SQLiteSchema {
    /// The newest version this code reads and writes, kept in `PRAGMA user_version`.
    static let version = 2
    /// "ship" in ASCII, kept in `PRAGMA application_id`: a database without it is somebody else's.
    private static let application: Int32 = 0x7368_6970

    /// Makes `database` a ledger of this version unless it is one; costs one statement when it is.
    static func prepare(_ database: Database, at path: String) throws {
        if try found(in: database, at: path) == version { return }
        try database.inTransaction(.immediate) {
            // Another process may have been first.
            switch try found(in: database, at: path) {
            case 0: try create(database)
            case 1: try upgradeFromVersion1(database)
            default: break
            }
            return .commit
        }
    }

    /// The version of the ledger that is there; 0 when there is none.
    private static func found(in database: Database, at path: String) throws -> Int {
        let sql = """
            SELECT user_version, application_id, (SELECT count(*) FROM sqlite_master)
            FROM pragma_user_version, pragma_application_id
            """
        guard let row = try Row.fetchOne(database, sql: sql) else { return 0 }
        let (found, application, tables): (Int, Int32, Int) = (row[0], row[1], row[2])
        if application != Self.application {
            guard found == 0, application == 0, tables == 0 else {
                throw StoreError(.corrupt, "The file \(path) is an SQLite database of something else; name another file.")
            }
            return 0
        }
        guard found <= version else { throw StoreError.newerSchema(path, found: found, known: version) }
        return found
    }

    /// Version 2 knows which journals wait for somebody.
    ///
    /// Of version 1 only the summary tells. A run without one is taken for waiting: whoever asks then looks at the run itself.
    private static func upgradeFromVersion1(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE journals ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
                UPDATE journals SET waiting = 1
                WHERE name >= 'run/' AND name < 'run0' AND ifnull(instr(summary, CAST('"waiting":[]' AS BLOB)), 0) = 0;
                \(waitingIndex);
                PRAGMA user_version = \(version);
                """)
    }

    /// As large as there are journals that wait, and not as there are journals.
    private static let waitingIndex = "CREATE INDEX journals_waiting ON journals(name) WHERE waiting = 1"

    /// Entries are clustered by journal and position, which is how they are read; nothing points at a row from elsewhere.
    private static func create(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE journals(
                    name TEXT PRIMARY KEY,
                    position INTEGER NOT NULL,
                    hash BLOB NOT NULL,
                    summary BLOB,
                    updated INTEGER NOT NULL,
                    waiting INTEGER NOT NULL DEFAULT 0
                ) STRICT, WITHOUT ROWID;
                \(waitingIndex);
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
