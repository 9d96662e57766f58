import Journal
import Postgres

/// The parts of the table of entries.
///
/// A run's entries are in the part of the month in which the run began, which its name tells: a journal is in one part whole, and of what a
/// team did in years only the newest months are touched. What is not a run, and the runs of before the table was made, are in `entries_base`;
/// what has no part of its own, since its month is not there yet or its name is none of ours, is in `entries_rest`.
enum PostgresMonths {
    /// How many months there is room for in advance; a service that runs for longer needs the rest.
    private static let ahead = 3
    /// "ship" and the table's number: the advisory lock under which parts are made.
    private static let lock: Int64 = 0x7368_6970_03

    /// Whether there is a part for the next month, as SQL.
    static let hasNext = "to_regclass('shipit.entries_' || to_char(\(month) + interval '1 month', 'YYYY_MM')) IS NOT NULL"

    /// This month's first moment by the server's clock, in UTC and without a zone.
    private static let month = "date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC')"

    /// Makes the table without its base.
    static let entries = """
        CREATE TABLE shipit.entries(
            kind text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            body bytea NOT NULL,
            previous bytea NOT NULL,
            hash bytea NOT NULL,
            PRIMARY KEY (kind, name, position)
        ) PARTITION BY RANGE (kind, name);
        CREATE TABLE shipit.entries_rest PARTITION OF shipit.entries DEFAULT
        """

    /// Makes `entries_base`, which is there, the part before `name`; what it holds of later names goes to the rest.
    ///
    /// - Parameter name: what the names of this month's runs begin with at the least; see `firstName`.
    static func attachBase(before name: String) -> String {
        """
        WITH moved AS (DELETE FROM shipit.entries_base WHERE (kind, name) >= ('run', '\(name)') RETURNING *)
        INSERT INTO shipit.entries_rest SELECT * FROM moved;
        ALTER TABLE shipit.entries ATTACH PARTITION shipit.entries_base FOR VALUES FROM (MINVALUE, MINVALUE) TO ('run', '\(name)')
        """
    }

    /// The least name of a run that begins in this month by the server's clock.
    static func firstName(_ connection: Connection) async throws -> String {
        guard let start = try await connection.rows("SELECT \(epoch(month))").first?.integer(0) else {
            throw StoreError(.failed, "The server did not tell its month.")
        }
        return RunName.first(at: start)
    }

    /// Makes the parts of this month and of the next ones that are missing, and moves there what the rest kept for them.
    ///
    /// Nobody misses one that cannot be made, be it for want of rights or since another keeps the table locked.
    static func add(_ connection: Connection) async {
        try? await connection.transaction(patience: .seconds(2)) {
            // Of two processes that come first at the same time, the second finds the work done.
            _ = try await connection.rows("SELECT pg_advisory_xact_lock($1)", [.integer(lock)])
            let months = try await connection.rows(
                """
                SELECT 'shipit.entries_' || to_char(month, 'YYYY_MM'), \(epoch("month")), \(epoch("month + interval '1 month'"))
                FROM generate_series(\(month), \(month) + interval '\(ahead) months', interval '1 month') AS month
                WHERE to_regclass('shipit.entries_' || to_char(month, 'YYYY_MM')) IS NULL ORDER BY month
                """)
            for row in months {
                guard let part = row.text(0), let start = row.integer(1), let end = row.integer(2) else { continue }
                let (first, next) = (RunName.first(at: start), RunName.first(at: end))
                // Writers wait, for some milliseconds: one that had looked up where its entry belongs would find it belong elsewhere.
                // Readers go on.
                try await connection.execute(
                    script: """
                        LOCK TABLE ONLY shipit.entries IN SHARE ROW EXCLUSIVE MODE;
                        CREATE TABLE \(part)(LIKE shipit.entries INCLUDING INDEXES);
                        WITH moved AS (
                            DELETE FROM shipit.entries_rest WHERE kind = 'run' AND name >= '\(first)' AND name < '\(next)' RETURNING *
                        ) INSERT INTO \(part) SELECT * FROM moved;
                        ALTER TABLE shipit.entries ATTACH PARTITION \(part) FOR VALUES FROM ('run', '\(first)') TO ('run', '\(next)');
                        """, timeout: Connection.patience)
            }
        }
    }

    /// A time in UTC and without a zone as milliseconds since 1970, as SQL.
    private static func epoch(_ time: String) -> String {
        "(extract(epoch FROM (\(time)) AT TIME ZONE 'UTC') * 1000)::bigint"
    }
}
