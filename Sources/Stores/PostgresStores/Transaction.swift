import Postgres
import Storing

extension Connection {
    /// How long one statement of a ledger may take, locks included.
    static let patience = Duration.seconds(30)

    /// Milliseconds since 1970 by the server's clock, as SQL; it goes on within a transaction.
    static let now = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

    /// Runs one statement with the patience of a ledger and gives its rows.
    func rows(_ sql: String, _ values: [Value] = []) async throws(PostgresError) -> [Row] {
        try await query(sql, values, timeout: Self.patience).rows
    }

    /// The same for a statement that is run again and again, which the server keeps where it may.
    func rows(keeping sql: String, _ values: [Value]) async throws(PostgresError) -> [Row] {
        try await query(pipeline: [Statement(sql, values, isKept: true)], timeout: Self.patience).first?.rows ?? []
    }

    /// What begins a transaction that is right and durable whatever the database's defaults are.
    ///
    /// A writer that goes away without a word keeps its locks no longer than the server waits for its next statement.
    /// - Parameter patience: how long it waits for one lock.
    static func begin(patience: Duration = patience) -> [Statement] {
        [
            Statement("BEGIN ISOLATION LEVEL READ COMMITTED", isKept: true),
            Statement(
                """
                SELECT set_config('idle_in_transaction_session_timeout', '20s', true), set_config('lock_timeout', $1, true),
                    CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END
                """, [.text("\(patience.milliseconds)ms")], isKept: true),
        ]
    }

    /// Runs `work` between begin and commit, or rolls back what it did.
    /// - Parameter patience: how long it waits for one lock.
    func transaction<T: Sendable>(patience: Duration = patience, _ work: () async throws -> T) async throws -> T {
        _ = try await query(pipeline: Self.begin(patience: patience), timeout: Self.patience)
        do {
            let value = try await work()
            _ = try await rows("COMMIT")
            return value
        } catch {
            await rollBack()
            throw error
        }
    }

    /// Ends a failed transaction, also when the task that began it was cancelled.
    func rollBack() async {
        guard isInTransaction else { return }
        _ = try? await Task { try await rows("ROLLBACK") }.value
    }
}
