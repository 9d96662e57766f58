import Journal
import Testing

/// What every store promises to those who wait.
@Suite struct WaitContractTests {
    let journal = JournalName(.run, "r1")

    @Test(arguments: StoreKind.allCases, [true, false])
    func `wakes within a second`(kind: StoreKind, isSameStore: Bool) async throws {
        try await withStore(kind) { store, ledger in
            let writer = isSameStore ? store : try await ledger.open()
            // An entry that is there already is seen at once, and makes sure that the waiter below is ready.
            _ = try await writer.append([Append(journal, expected: 0, bodies: [[1]])], under: [])
            #expect(try await store.wait(for: journal, after: 0, timeout: .seconds(30)))
            // One of thirty is enough, since a busy machine may hold any of them up.
            var fastest = Duration.seconds(300)
            for position: Int64 in 1...30 where fastest >= .seconds(1) {
                async let woken = store.wait(for: journal, after: position, timeout: .seconds(300))
                // Lets the first look pass, which would find the entry: a store that only looks now and then then is slow
                // each time. Nothing fails when the pause is too short.
                try await Task.sleep(for: .milliseconds(150))
                _ = try await writer.append([Append(journal, expected: position, bodies: [[2]])], under: [])
                let appended = ContinuousClock.now
                #expect(try await woken)
                fastest = min(fastest, ContinuousClock.now - appended)
            }
            #expect(fastest < .seconds(1))
            if !isSameStore { await writer.close() }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `gives up when the time is over`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            _ = try await store.append([Append(journal, expected: 0, bodies: [[1]])], under: [])
            let begin = ContinuousClock.now
            #expect(try await !store.wait(for: journal, after: 1, timeout: .milliseconds(120)))
            #expect((.milliseconds(120) ... .seconds(60)).contains(ContinuousClock.now - begin))
            #expect(try await !store.wait(for: JournalName(.run, "none"), after: 0, timeout: .zero))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `ends when its task is cancelled`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let begin = ContinuousClock.now
            let waiting = Task { try await store.wait(for: journal, after: 0, timeout: .seconds(600)) }
            waiting.cancel()
            let woken = try await waiting.value
            #expect(!woken)
            #expect(ContinuousClock.now - begin < .seconds(300))
        }
    }
}
