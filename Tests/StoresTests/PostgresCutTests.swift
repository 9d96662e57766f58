import Foundation
import Journal
import Postgres
import PostgresServer
import PostgresStores
import Testing

/// What a ledger in PostgreSQL does when its connections are cut.
@Suite struct PostgresCutTests {
    let journal = JournalName(.run, "r1")

    @Test(arguments: CuttingProxy.Moment.allCases, [1, 2])
    func `appends once when the connection is cut in a commit`(moment: CuttingProxy.Moment, times: Int) async throws {
        try await withStore(.postgres) { direct, ledger in
            var url = try #require(ledger.database)
            let proxy = try CuttingProxy(to: UInt16(try #require(url.port)), cutting: moment, times: times)
            defer { proxy.stop() }
            url.port = proxy.number
            // The tables are there already, so that the first commit is that of the append.
            let store = try await PostgresStore(DatabaseURL(url.string ?? ""))
            let heads = try await store.append([Append(journal, expected: 0, bodies: [[1], [2]])], under: [])
            // A commit that was not heard is tried again; one that was done ends it.
            #expect(proxy.cutsLeft == (moment == .before ? 0 : times - 1))
            #expect(heads == [try await direct.head(of: journal)])
            #expect(try await direct.read(journal, after: 0, limit: 10).map(\.body) == [[1], [2]])
            await store.close()
        }
    }

    @Test func `says so when every connection is cut, and has written nothing`() async throws {
        try await withStore(.postgres) { direct, ledger in
            var url = try #require(ledger.database)
            let proxy = try CuttingProxy(to: UInt16(try #require(url.port)), cutting: .before, times: .max)
            defer { proxy.stop() }
            url.port = proxy.number
            let store = try await PostgresStore(DatabaseURL(url.string ?? ""))
            let code = await failure { _ = try await store.append([Append(journal, expected: 0, bodies: [[1]])], under: []) }
            #expect(code == .unreachable)
            #expect(try await direct.head(of: journal) == nil)
            await store.close()
        }
    }

    /// What was written must not be told as refused: whoever reads again finds it.
    @Test func `an append of which the server does not say what became is told as unreachable`() async throws {
        try await withStore(.postgres) { direct, ledger in
            var url = try #require(ledger.database)
            let proxy = try CuttingProxy(to: UInt16(try #require(url.port)), cutting: .after, times: 1)
            defer { proxy.stop() }
            url.port = proxy.number
            let store = try await PostgresStore(DatabaseURL(url.string ?? ""))
            // Sessions that are there go on; whoever begins another is refused.
            try await PostgresServer.run("ALTER DATABASE \(url.path.dropFirst()) ALLOW_CONNECTIONS false")
            let code = await failure { _ = try await store.append([Append(journal, expected: 0, bodies: [[1]])], under: []) }
            #expect(code == .unreachable)
            #expect(try await direct.head(of: journal)?.position == 1)
            await store.close()
        }
    }

    @Test func `neither loses nor doubles an entry while an administrator ends sessions`() async throws {
        try await withStore(.postgres) { store, ledger in
            let database = try #require(ledger.database)
            let others = [store, try await ledger.open()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for round in 0..<15 {
                            try await appendOnce("\(writer).\(round)", in: others[writer % 2])
                            // The others are at work meanwhile. By the clock, a slow machine would never get through.
                            guard round % 3 == writer % 3 else { continue }
                            try await PostgresServer.run(
                                """
                                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                                WHERE datname = current_database() AND application_name = 'shipit' AND random() < 0.5
                                """, in: database)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let bodies = try await read(in: store).map { String(decoding: $0.body, as: UTF8.self) }
            #expect(bodies.count == 60)
            #expect(Set(bodies).count == 60)
            await others[1].close()
        }
    }

    /// Appends `text` unless it is there, whatever happens to the connections.
    private func appendOnce(_ text: String, in store: any Store) async throws {
        while true {
            do throws(StoreError) {
                let entries = try await read(in: store)
                if entries.contains(where: { $0.body == Array(text.utf8) }) { return }
                _ = try await store.append(
                    [Append(journal, expected: Int64(entries.count), bodies: [Array(text.utf8)])], under: [])
                return
            } catch {
                if case .conflict = error.code { continue }
                guard error.passing else { throw error }
            }
        }
    }

    private func read(in store: any Store) async throws(StoreError) -> [Entry] {
        try await store.read(journal, after: 0, limit: 1000)
    }

    @Test func `goes on after its idle sessions were cut`() async throws {
        try await withStore(.postgres) { store, ledger in
            let database = try #require(ledger.database)
            for round in 0..<Int64(3) {
                // Fills the pool, so that there is more than one dead session to meet.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<16 { group.addTask { _ = try await store.head(of: journal) } }
                    try await group.waitForAll()
                }
                try await cutAll(in: database)
                if round == 1 { _ = try await store.head(of: journal) }
                let heads = try await store.append([Append(journal, expected: round, bodies: [[1]])], under: [])
                #expect(heads.map(\.position) == [round + 1])
            }
        }
    }

    @Test func `keeps waking after its listening session was cut`() async throws {
        try await withStore(.postgres) { store, ledger in
            _ = try await store.append([Append(journal, expected: 0, bodies: [[1]])], under: [])
            #expect(try await store.wait(for: journal, after: 0, timeout: .seconds(30)))
            try await cutAll(in: try #require(ledger.database))
            async let woken = store.wait(for: journal, after: 1, timeout: .seconds(30))
            let other = try await ledger.open()
            _ = try await other.append([Append(journal, expected: 1, bodies: [[1]])], under: [])
            #expect(try await woken)
            await other.close()
        }
    }

    /// Ends every session of the stores, and returns when they have ended.
    private func cutAll(in database: URLComponents) async throws {
        try await PostgresServer.run(
            """
            SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'shipit'
            """, in: database)
    }
}
