import Postgres
import PostgresServer
import Testing

/// Whether a session is ours, told with a real PgBouncer.
@Suite struct PoolingTests {
    @Test func `a session without a pooler is ours`() async throws {
        try await withConnection { connection, _ in
            let found = try await connection.pooling()
            #expect(found == .session)
        }
    }

    @Test(arguments: 1...3)
    func `a pooler that lends sessions for a transaction is told from one that lends whole sessions`(others: Int) async throws {
        try await PostgresServer.withDatabase { url in
            for (pooler, expected) in [(PostgresPooler.transactions, Pooling.transaction), (.sessions, .session)] {
                let through = try await pooler.through(url)
                let connection = try await connect(through)
                // Others come and go meanwhile.
                let busy = Task {
                    let other = try await connect(through)
                    while !Task.isCancelled { _ = try await other.query("SELECT pg_sleep(0.001)") }
                    await other.close()
                }
                for _ in 1...others {
                    let found = try await connection.pooling()
                    #expect(found == expected)
                }
                busy.cancel()
                _ = await busy.result
                await connection.close()
            }
        }
    }
}
