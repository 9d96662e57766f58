import CPostgres

/// What stands between us and the server, as far as it matters: whether our session is the server's.
public enum Pooling: Sendable, Hashable {
    /// The session is ours from its beginning to its end: there is no pooler, or one that lends whole sessions.
    case session
    /// A pooler lends a session for one transaction at a time, as PgBouncer does with `pool_mode = transaction`.
    ///
    /// Transactions work as ever. What belongs to a session, `LISTEN`, advisory locks, settings, would stay with whatever session
    /// a statement happened to meet: it must not be used.
    case transaction
}

extension Connection {
    /// Finds out what stands between us and the server; costs one statement where nothing does.
    ///
    /// A pooler invents the process number that it greets with. Whether it lends whole sessions shows when a second client opens a
    /// transaction: our own session then must be another one, and the same as before.
    public func pooling() async throws(PostgresError) -> Pooling {
        let mine = try await serverProcess()
        if mine == greetedProcess { return .session }
        for _ in 1...3 {
            let other = try await another()
            let found: Result<Bool, PostgresError>
            do throws(PostgresError) {
                _ = try await other.query("BEGIN")
                let its = try await other.serverProcess()
                let again = try await serverProcess()
                found = .success(its != mine && again == mine)
            } catch {
                found = .failure(error)
            }
            await other.close()
            guard try found.get(), try await serverProcess() == mine else { return .transaction }
        }
        return .session
    }

    func serverProcess() async throws(PostgresError) -> Int64? {
        try await query("SELECT pg_backend_pid()").rows.first?.integer(0)
    }
}

extension Session {
    /// The number of the server's process, as the greeting said it.
    var greetedProcess: Int64 { Int64(unsafe PQbackendPID(connection)) }
}
