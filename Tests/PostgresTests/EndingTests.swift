import Foundation
import Postgres
import PostgresServer
import Testing

/// How waits end: cancelled, late, cut, or with news.
@Suite struct EndingTests {
    @Test func `stops the statement of a cancelled task, and stays usable`() async throws {
        try await withConnection { connection, url in
            let pid = try await connection.pid()
            let sleeping = Task { await failure { _ = try await connection.query("SELECT pg_sleep(600)") } }
            try await waitUntilActive(pid, in: url)
            let begin = ContinuousClock.now
            sleeping.cancel()
            #expect(await sleeping.value?.code == .cancelled)
            #expect(ContinuousClock.now - begin < .seconds(300))
            #expect(try await connection.pid() == pid)
        }
    }

    @Test func `sends nothing for a task that is cancelled already`() async throws {
        try await withConnection { connection, _ in
            let task = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return await failure { try await connection.execute(script: "CREATE TABLE t()") }
            }
            #expect(await task.value?.code == .cancelled)
            let result = try await connection.query("SELECT to_regclass('t') IS NULL")
            #expect(result.rows.first?.boolean(0) == true)
        }
    }

    @Test func `stops a statement that takes too long`() async throws {
        try await withConnection { connection, _ in
            let error = await failure { _ = try await connection.query("SELECT pg_sleep(600)", timeout: .milliseconds(50)) }
            #expect(error?.code == .timedOut)
            // Of this transaction alone: what comes after it may take as long as it needs.
            try await connection.execute(script: "BEGIN; SET LOCAL statement_timeout = 50")
            #expect(await failure { _ = try await connection.query("SELECT pg_sleep(600)") }?.code == .timedOut)
            try await connection.execute(script: "ROLLBACK")
            #expect(try await connection.query("SELECT 1").rows.count == 1)
        }
    }

    @Test(arguments: [true, false]) func `says that the connection was cut`(isBusy: Bool) async throws {
        try await withConnection { connection, url in
            let pid = try await connection.pid()
            let running = Task { isBusy ? await failure { _ = try await connection.query("SELECT pg_sleep(600)") } : nil }
            if isBusy { try await waitUntilActive(pid, in: url) }
            try await PostgresServer.run("SELECT pg_terminate_backend($1::int, 300000)", [.integer(pid)], in: url)
            let first = await running.value
            let second = await failure { _ = try await connection.query("SELECT 1") }
            #expect((isBusy ? first : second)?.code == .connectionLost)
            #expect(second?.code == .connectionLost)
            #expect(second?.passing == true)
            #expect(await !connection.isOpen)
        }
    }

    @Test func `says that a closed connection is closed`() async throws {
        try await withConnection { connection, _ in
            await connection.close()
            #expect(await failure { _ = try await connection.query("SELECT 1") }?.code == .connectionLost)
        }
    }

    @Test func `hears what is said on the channels it listens to`() async throws {
        try await withConnection { connection, url in
            try await connection.listen("Odd \"name\"; --")
            #expect(try await connection.notifications(within: .milliseconds(20)).isEmpty)
            let waiting = Task { try await connection.notifications(within: .seconds(300)) }
            try await PostgresServer.run("SELECT pg_notify($1, 'text')", [.text("Odd \"name\"; --")], in: url)
            #expect(try await waiting.value == ["text"])
            try await PostgresServer.run("SELECT pg_notify('another', '')", in: url)
            #expect(try await connection.notifications(within: .milliseconds(20)).isEmpty)
        }
    }

    @Test func `ends the listening of a cancelled task`() async throws {
        try await withConnection { connection, _ in
            try await connection.listen("news")
            let waiting = Task { await failure { _ = try await connection.notifications(within: .seconds(600)) } }
            waiting.cancel()
            #expect(await waiting.value?.code == .cancelled)
            #expect(try await connection.query("SELECT 1").rows.count == 1)
        }
    }

    @Test func `runs the calls of many tasks one after the other`() async throws {
        try await withConnection { connection, _ in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<Int64(50) {
                    group.addTask {
                        try await connection.query("SELECT $1", [.integer(number)]).rows.first?.integer(0) == number
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func `holds none of the shared threads while it waits`() async throws {
        try await PostgresServer.withDatabase { url in
            // More than there are shared threads on any machine of ours, waiting for what another task does after them.
            try await withThrowingTaskGroup(of: Bool.self) { group in
                var listeners: [Connection] = []
                for _ in 0..<24 {
                    let listener = try await connect(url)
                    try await listener.listen("go")
                    listeners.append(listener)
                    group.addTask { try await !listener.notifications(within: .seconds(300)).isEmpty }
                }
                try await PostgresServer.run("NOTIFY go", in: url)
                for try await isWoken in group { #expect(isWoken) }
                for listener in listeners { await listener.close() }
            }
        }
    }

    @Test func `keeps notices to itself`() async throws {
        try await PostgresServer.withDatabase { url in
            let text = try #require(url.string)
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                [text = text as String] in
                let connection = try await Connection(DatabaseURL(text), applicationName: "t", connectTimeout: .seconds(30))
                try await connection.execute(script: "DO $$ BEGIN RAISE WARNING 'for nobody'; END $$")
            }
            let said = try #require(result).standardErrorContent
            #expect(!String(decoding: said, as: UTF8.self).contains("for nobody"))
        }
    }
}
