import Foundation
import Journal
import Postgres
import PostgresServer
import Testing

/// What only a ledger in PostgreSQL must cope with.
@Suite struct PostgresStoreTests {
    let journal = JournalName(.run, "r1")

    @Test func `leaves no gap under twenty writers of four stores`() async throws {
        try await withStore(.postgres) { store, ledger in
            var stores = [store]
            for _ in 0..<3 { stores.append(try await ledger.open()) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<20 {
                    group.addTask { [store = stores[writer % 4]] in
                        for round in 0..<3 { try await append("\(writer).\(round)", in: store) }
                    }
                }
                try await group.waitForAll()
            }
            let entries = try await store.read(journal, after: 0, limit: 1000)
            #expect(entries.map(\.position) == Array(1...60))
            #expect(Set(entries.map(\.body)).count == 60)
            for store in stores.dropFirst() { await store.close() }
        }
    }

    @Test func `tells those who listen which journals grew, unless they are too many to be named`() async throws {
        try await withStore(.postgres) { store, ledger in
            let url = try DatabaseURL(try #require(ledger.database?.string))
            let listener = try await Connection(url, applicationName: "listener", connectTimeout: .seconds(30))
            try await listener.listen("shipit")
            let pair = [Append(JournalName(.run, "r2"), expected: 0, bodies: [[1]]), Append(journal, expected: 0, bodies: [[1]])]
            _ = try await store.append(pair, under: [])
            #expect(try await listener.notifications(within: .seconds(300)) == ["run/r1 run/r2"])
            let many = (100..<220).map {
                Append(JournalName(.run, String(repeating: "n", count: 61) + "\($0)"), expected: 0, bodies: [[1]])
            }
            _ = try await store.append(many, under: [])
            #expect(try await listener.notifications(within: .seconds(300)) == [""])
            await listener.close()
        }
    }

    private func append(_ text: String, in store: any Store) async throws {
        while true {
            let position = try await store.head(of: journal)?.position ?? 0
            do throws(StoreError) {
                _ = try await store.append([Append(journal, expected: position, bodies: [Array(text.utf8)])], under: [])
                return
            } catch {
                guard case .conflict = error.code else { throw error }
            }
        }
    }

    @Test func `is opened by ten at once`() async throws {
        try await withLedger(.postgres) { ledger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<10 {
                    group.addTask {
                        let store = try await ledger.open()
                        _ = try await store.append(
                            [Append(JournalName(.run, "\(writer)"), expected: 0, bodies: [[1]])], under: [])
                        await store.close()
                    }
                }
                try await group.waitForAll()
            }
            let store = try await ledger.open()
            #expect(try await store.heads(of: .run, before: nil, limit: 100).count == 10)
            await store.close()
        }
    }

    @Test func `opens with one session, and never has more than four and a listening one`() async throws {
        try await withLedger(.postgres) { ledger in
            let store = try await ledger.open()
            let database = try #require(ledger.database)
            #expect(try await sessions(in: database) == 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 { group.addTask { _ = try await store.head(of: journal) } }
                try await group.waitForAll()
            }
            #expect(try await !store.wait(for: journal, after: 0, timeout: .milliseconds(50)))
            #expect((2...5).contains(try await sessions(in: database) ?? 0))
            await store.close()
            #expect(await failure { _ = try await store.head(of: journal) } == .failed)
        }
    }

    private func sessions(in database: URLComponents) async throws -> Int64? {
        try await PostgresServer.run(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'shipit'",
            in: database
        ).rows.first?.integer(0)
    }

    @Test(arguments: [
        ("UPDATE shipit.schema_version SET version = 99", StoreError.Code.newerSchema(found: 99, known: 4)),
        ("DELETE FROM shipit.schema_version", .corrupt),
    ])
    func `refuses a ledger of a newer shipit, and one without a version`(change: String, code: StoreError.Code) async throws {
        try await withLedger(.postgres) { ledger in
            try await ledger.open().close()
            try await PostgresServer.run(change, in: ledger.database)
            #expect(await failure { _ = try await ledger.open() } == code)
        }
    }

    @Test func `says that the database is down, missing, or closed to this user`() async throws {
        try await withLedger(.postgres) { ledger in
            let port = try ReservedPort()
            let cases: [(StoreError.Code, (inout URLComponents) -> Void)] = [
                (.unreachable, { $0.port = Int(port.number) }), (.refused, { $0.path = "/nowhere" }),
                (.refused, { $0.password = "s3cr3t" }), (.refused, { $0.user = "nobody" }),
            ]
            for (code, change) in cases {
                var database = try #require(ledger.database)
                change(&database)
                let location = Ledger(folder: ledger.folder, database: database)
                let error = await #expect(throws: StoreError.self) { _ = try await location.open() }
                #expect(error?.code == code)
                #expect(error?.passing == (code == .unreachable))
                #expect(error?.message.contains(database.password ?? "-") == false)
            }
        }
    }

    @Test func `needs no more rights than it is given`() async throws {
        try await withLedger(.postgres) { ledger in
            try await ledger.withLimitedUser { limited, role in
                let refused = await #expect(throws: StoreError.self) { _ = try await limited.open() }
                #expect(refused?.code == .refused)
                #expect(refused?.message.contains("CREATE SCHEMA shipit AUTHORIZATION") == true)

                // Tables of another's making, with the right to use them and no other.
                try await ledger.open().close()
                #expect(await failure { _ = try await limited.open() } == .refused)
                try await ledger.letUseTables(role)
                try await exercise(limited)

                // A schema of another's making, and no tables.
                try await PostgresServer.run("DROP SCHEMA shipit CASCADE", in: ledger.database)
                try await PostgresServer.run("CREATE SCHEMA shipit AUTHORIZATION \(role)", in: ledger.database)
                try await exercise(limited)
            }
        }
    }

    private func exercise(_ ledger: Ledger) async throws {
        let store = try await ledger.open()
        let lease = try #require(try await store.acquire("environment/x", for: .named("a"), ttl: .seconds(60)).granted)
        _ = try await store.append([Append(journal, expected: 0, bodies: [[1]])], under: [lease])
        try await store.release(try await store.renew(lease, ttl: .seconds(60)))
        try await verifyAll(of: store)
        await store.close()
    }

    @Test func `says that the database is read-only`() async throws {
        try await withLedger(.postgres) { ledger in
            try await ledger.open().close()
            try await configure(ledger, "default_transaction_read_only = on")
            let store = try await ledger.open()
            #expect(try await store.head(of: journal) == nil)
            let code = await failure { _ = try await store.append([Append(journal, expected: 0, bodies: [[1]])], under: []) }
            #expect(code == .readOnly)
            await store.close()
        }
    }

    @Test func `is durable and right whatever the database's defaults are`() async throws {
        try await withLedger(.postgres) { ledger in
            try await ledger.open().close()
            try await configure(ledger, "synchronous_commit = off")
            try await configure(ledger, "default_transaction_isolation = 'serializable'")
            let connection = try await Connection(
                DatabaseURL(ledger.database?.string ?? ""), applicationName: "test", connectTimeout: .seconds(30))
            try await connection.execute(
                script: """
                    CREATE TABLE public.seen(durability text, isolation text);
                    CREATE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                        INSERT INTO public.seen VALUES (
                            current_setting('synchronous_commit'), current_setting('transaction_isolation'));
                        RETURN NEW;
                    END $$;
                    CREATE TRIGGER look BEFORE INSERT ON shipit.entries FOR EACH ROW EXECUTE FUNCTION public.look();
                    """)
            let store = try await ledger.open()
            _ = try await store.append([Append(journal, expected: 0, bodies: [[1]])], under: [])
            let seen = try await connection.query("SELECT durability, isolation FROM public.seen").rows.first
            #expect(seen?.text(0) == "on")
            #expect(seen?.text(1) == "read committed")
            await store.close()
            await connection.close()
        }
    }

    private func configure(_ ledger: Ledger, _ setting: String) async throws {
        let name = try #require(ledger.database?.path.dropFirst())
        try await PostgresServer.run("ALTER DATABASE \(name) SET \(setting)")
    }

    @Test func `appends thousands of entries at once`() async throws {
        try await withStore(.postgres) { store, _ in
            let bodies = (0..<2500).map { Array("\($0)".utf8) }
            let heads = try await store.append([Append(journal, expected: 0, bodies: bodies)], under: [])
            #expect(heads.map(\.position) == [2500])
            #expect(try await store.read(journal, after: 0, limit: 3000).map(\.body) == bodies)
        }
    }

    /// They share transactions, and neither what one must wait for nor what one is refused is the others'.
    @Test func `appends do not wait for a journal that only another one writes to`() async throws {
        try await withStore(.postgres) { store, ledger in
            let held = JournalName(.run, "held")
            _ = try await store.append([Append(held, expected: 0, bodies: [[1]])], under: [])
            let other = try await Connection(
                DatabaseURL(ledger.database?.string ?? ""), applicationName: "test", connectTimeout: .seconds(30))
            try await other.execute(script: "BEGIN; SELECT 1 FROM shipit.journals WHERE name = 'held' FOR UPDATE")
            let waiting = Task { try await store.append([Append(held, expected: 1, bodies: [[2]])], under: []) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<20 {
                    group.addTask {
                        let journal = JournalName(.run, "\(writer)")
                        // Every second one is refused.
                        let expected: Int64 = writer % 2 == 0 ? 0 : 7
                        let code = await failure {
                            _ = try await store.append([Append(journal, expected: expected, bodies: [[1]])], under: [])
                        }
                        #expect(code == (expected == 0 ? nil : .conflict(journal, expected: 7, actual: 0)))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.head(of: held)?.position == 1, "it was held all the while")
            try await other.execute(script: "COMMIT")
            #expect(try await waiting.value.map(\.position) == [2])
            #expect(try await store.heads(of: .run, before: nil, limit: 100).count == 11)
            await other.close()
        }
    }
}
