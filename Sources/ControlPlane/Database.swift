import Postgres

/// The service's own database: announcements, tokens and accesses, in the tables that this repository's migrations make.
struct Database: Sendable {
    /// How long a statement, or opening a session, may take.
    private static let deadline = Duration.seconds(2)

    private let pool: SessionPool

    /// The database at `url`.
    init(_ url: DatabaseURL) {
        pool = SessionPool(url, applicationName: "shipit api", connectTimeout: Self.deadline)
    }

    /// Runs one statement, which may be done twice when a session is cut, and gives its rows.
    func rows(_ sql: String, _ values: [Value] = []) async throws(PostgresError) -> [Row] {
        do {
            let statement = Statement(sql, values, isKept: true)
            return try await pool.repeating {
                try await $0.query(pipeline: [statement], timeout: Self.deadline).first?.rows ?? []
            }
        } catch let error as PostgresError {
            throw error
        } catch {
            throw PostgresError(.cancelled, "The statement was given up before a session was free: \(error).")
        }
    }

    /// Throws unless it answers and has what every request with a token needs.
    func proveTables() async throws(PostgresError) {
        _ = try await rows("SELECT FROM api_tokens, api_accesses, api_answers LIMIT 0")
    }

    /// How many sessions are open, and how many of them are at work.
    var sessions: (open: Int, busy: Int) {
        get async { await pool.sessions }
    }

    /// Ends the sessions.
    func close() async {
        await pool.close()
    }
}

extension PostgresError {
    /// Whether the database is there and its tables are not: nobody has migrated it yet.
    var isUnmigrated: Bool { sqlState == "42P01" }
}

/// SQL for a column of time as milliseconds since 1970.
func milliseconds(_ column: String) -> String {
    "floor(extract(epoch FROM \(column)) * 1000)::bigint"
}
