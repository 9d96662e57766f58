import Foundation
import Postgres
import PostgresServer
import Testing

/// Statements that are sent at once, and those of them that the server keeps.
@Suite struct PipelineTests {
    private static func add(_ numbers: Int64...) -> Statement {
        Statement("INSERT INTO t SELECT * FROM unnest($1::bigint[]) RETURNING a", [.integers(numbers)], isKept: true)
    }

    /// How many statements the server keeps for the session; asked by one that it does not keep.
    private func kept(by connection: Connection) async throws -> Int64? {
        try await connection.query("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'shipit%'").rows.first?.integer(0)
    }

    @Test func `a statement that may be kept is planned once in a session that is ours`() async throws {
        try await withConnection { connection, _ in
            try await connection.execute(script: "CREATE TABLE t(a bigint PRIMARY KEY)")
            _ = try await connection.query(pipeline: [Self.add(1)])
            #expect(try await kept(by: connection) == 0, "nobody said yet that the session is ours")
            await connection.keepStatements(in: try await connection.pid())
            let answers = try await connection.query(
                pipeline: [Self.add(2, 3), Statement("SELECT count(*) FROM t"), Self.add(4), Self.add()])
            #expect(answers.map { $0.rows.map { $0.integer(0) } } == [[2, 3], [3], [4], []])
            #expect(try await kept(by: connection) == 1)
            for number in 5..<Int64(9) { _ = try await connection.query(pipeline: [Self.add(number)]) }
            #expect(try await kept(by: connection) == 1)
            #expect(try await connection.query("SELECT count(*) FROM t").rows.first?.integer(0) == 8)
        }
    }

    @Test func `a statement that could not be kept is asked for again, and one that fails stays kept`() async throws {
        try await withConnection { connection, url in
            await connection.keepStatements(in: try await connection.pid())
            // Its table is not there yet; what comes after it does not arrive either.
            let early = await failure {
                _ = try await connection.query(pipeline: [Self.add(1), Statement("SELECT 1", isKept: true)])
            }
            #expect(early?.sqlState == "42P01")
            #expect(try await kept(by: connection) == 0)
            try await connection.execute(script: "CREATE TABLE t(a bigint PRIMARY KEY)")
            _ = try await connection.query(pipeline: [Self.add(1), Statement("SELECT 1", isKept: true)])
            #expect(try await kept(by: connection) == 2)
            let doubled = await failure { _ = try await connection.query(pipeline: [Self.add(1)]) }
            #expect(doubled?.code == .constraint)
            let rolledBack = await failure {
                _ = try await connection.query(
                    pipeline: [Statement("BEGIN"), Self.add(2), Statement("SELECT 1/0"), Self.add(3), Statement("COMMIT")])
            }
            #expect(rolledBack?.sqlState == "22012")
            _ = try await connection.query("ROLLBACK")
            _ = try await connection.query(pipeline: [Self.add(2)])
            #expect(try await kept(by: connection) == 2)
            #expect(try await connection.query("SELECT sum(a) FROM t").rows.first?.integer(0) == 3)
        }
    }

    @Test func `behind a pooler that lends sessions for a transaction nothing is kept`() async throws {
        try await PostgresServer.withDatabase { url in
            let connection = try await connect(try await PostgresPooler.transactions.through(url))
            try await connection.execute(script: "CREATE TABLE t(a bigint PRIMARY KEY)")
            for number in 1..<Int64(4) {
                await connection.keepStatements(in: try await connection.pid())
                _ = try await connection.query(pipeline: [Self.add(number)])
            }
            #expect(try await kept(by: connection) == 0)
            await connection.close()
        }
    }
}
