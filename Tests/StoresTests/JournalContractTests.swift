import Foundation
import Hashing
import Journal
import Testing

/// What every store promises about journals.
@Suite struct JournalContractTests {
    let journal = JournalName(.run, "r1")

    @Test(arguments: StoreKind.allCases)
    func `reads back the bytes it was given`(kind: StoreKind) async throws {
        try await withStore(kind) { store, ledger in
            let bodies: [[UInt8]] = [[], [0, 255, 39, 92, 10], Array(repeating: 7, count: 1 << 20)]
            let heads = try await store.append([Append(journal, expected: 0, bodies: bodies)], under: [])
            let entries = try await store.read(journal, after: 0, limit: 10)
            #expect(entries.map(\.body) == bodies)
            #expect(entries.map(\.position) == [1, 2, 3])
            #expect(heads.map(\.hash) == [entries[2].hash])
            #expect(try await store.read(journal, after: 1, limit: 1).map(\.position) == [2])
            #expect(try await store.read(journal, after: 3, limit: 1).isEmpty)
            #expect(try await store.read(JournalName(.run, "none"), after: 0, limit: 1).isEmpty)
            #expect(try await store.head(of: JournalName(.run, "none")) == nil)
            let other = try await ledger.open()
            #expect(try await other.read(journal, after: 0, limit: 10) == entries)
            #expect(try await other.head(of: journal) == heads[0])
            await other.close()
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `refuses a writer who has not folded the newest entry`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            _ = try await store.append([Append(journal, expected: 0, bodies: [[1], [2]])], under: [])
            for expected: Int64 in [0, 1, 3] {
                let code = await failure {
                    _ = try await store.append([Append(journal, expected: expected, bodies: [[9]])], under: [])
                }
                #expect(code == .conflict(journal, expected: expected, actual: 2))
            }
            let fresh = JournalName(.run, "r2")
            let code = await failure { _ = try await store.append([Append(fresh, expected: 1, bodies: [[9]])], under: []) }
            #expect(code == .conflict(fresh, expected: 1, actual: 0))
            #expect(try await store.head(of: journal)?.position == 2)
            #expect(try await store.head(of: fresh) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `appends to several journals at once or to none`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let environment = JournalName(.environment, "production")
            _ = try await store.append([Append(environment, expected: 0, bodies: [[1]])], under: [])
            let code = await failure {
                _ = try await store.append(
                    [Append(journal, expected: 0, bodies: [[1]]), Append(environment, expected: 0, bodies: [[2]])], under: [])
            }
            #expect(code == .conflict(environment, expected: 0, actual: 1))
            #expect(try await store.head(of: journal) == nil)
            let heads = try await store.append(
                [Append(journal, expected: 0, bodies: [[1]]), Append(environment, expected: 1, bodies: [[2], [3]])], under: [])
            #expect(heads.map(\.journal) == [journal, environment])
            #expect(heads.map(\.position) == [1, 3])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `refuses what cannot be meant`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let twice = [Append(journal, expected: 0, bodies: [[1]]), Append(journal, expected: 1, bodies: [[1]])]
            #expect(await failure { _ = try await store.append(twice, under: []) } == .failed)
            #expect(
                await failure { _ = try await store.append([Append(journal, expected: 0, bodies: [])], under: []) } == .failed)
            let none = try await store.append([], under: [])
            #expect(none.isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `leaves no gap under twenty writers of two stores`(kind: StoreKind) async throws {
        try await withStore(kind) { store, ledger in
            let other = try await ledger.open()
            let environment = JournalName(.environment, "staging")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<20 {
                    let store = writer.isMultiple(of: 2) ? store : other
                    // Half of them name the journals in the other order, which must not make them wait for each other.
                    let names = writer < 10 ? [journal, environment] : [environment, journal]
                    group.addTask {
                        for round in 0..<5 {
                            try await append("\(writer).\(round)", to: names, in: store)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for name in [journal, environment] {
                let entries = try await store.read(name, after: 0, limit: 1000)
                #expect(entries.map(\.position) == Array(1...100))
                #expect(Set(entries.map(\.body)).count == 100)
            }
            await other.close()
        }
    }

    /// Appends one entry to each journal; on a conflict reads the heads and tries again.
    private func append(_ text: String, to names: [JournalName], in store: any Store) async throws {
        while true {
            var batch: [Append] = []
            for name in names {
                batch.append(Append(name, expected: try await store.head(of: name)?.position ?? 0, bodies: [Array(text.utf8)]))
            }
            do {
                _ = try await store.append(batch, under: [])
                return
            } catch {
                guard case .conflict = error.code else { throw error }
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `tells a cancelled writer what became of its append`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let writing = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await store.append([Append(journal, expected: 0, bodies: [[1]])], under: [])
            }
            let heads = try await writing.value
            #expect(heads.map(\.position) == [1])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `keeps the newest summary`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            _ = try await store.append([Append(journal, expected: 0, bodies: [[1]], summary: [1, 0, 2])], under: [])
            #expect(try await store.head(of: journal)?.summary == [1, 0, 2])
            _ = try await store.append([Append(journal, expected: 1, bodies: [[1]])], under: [])
            #expect(try await store.head(of: journal)?.summary == [1, 0, 2])
            let heads = try await store.append([Append(journal, expected: 2, bodies: [[1]], summary: [])], under: [])
            #expect(heads[0].summary == [])
            #expect(try await store.heads(of: .run, before: nil, limit: 1) == heads)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `finds those that wait for somebody, as the newest word on it says`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            for number in 1...5 {
                let isWaiting: Bool? = number == 5 ? nil : number != 3
                let append = Append(JournalName(.run, "r\(number)"), expected: 0, bodies: [[1]], isWaiting: isWaiting)
                #expect(try await store.append([append], under: []).map(\.isWaiting) == [isWaiting ?? false])
            }
            func waiting(before: String? = nil, limit: Int = 10) async throws -> [String] {
                try await store.waiting(of: .run, before: before, limit: limit).map(\.journal.name)
            }
            #expect(try await waiting() == ["r4", "r2", "r1"])
            #expect(try await waiting(limit: 1) == ["r4"])
            #expect(try await waiting(before: "r4", limit: 1) == ["r2"])
            #expect(try await store.waiting(of: .environment, before: nil, limit: 10).isEmpty)
            _ = try await store.append([Append(JournalName(.run, "r4"), expected: 1, bodies: [[2]])], under: [])
            _ = try await store.append([Append(JournalName(.run, "r2"), expected: 1, bodies: [[2]], isWaiting: false)], under: [])
            #expect(try await waiting() == ["r4", "r1"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `removes journals in the transaction that says so, or not at all`(kind: StoreKind) async throws {
        try await withStore(kind) { store, ledger in
            let (old, kept, record) = (journal, JournalName(.run, "r2"), JournalName(.ledger, "pruned"))
            _ = try await store.append([Append(old, expected: 0, bodies: [[1], [2]])], under: [])
            let ends = try await store.append(
                [Append(old, expected: 2, bodies: [[3]]), Append(kept, expected: 0, bodies: [[4]])], under: [])
            let going = Removal(old, end: ends[0].mark)
            func remove(_ removals: [Removal], after position: Int64 = 0) async throws {
                let append = Append(record, expected: position, bodies: [[9]], removing: removals)
                _ = try await store.append([append], under: [])
            }
            // What ends elsewhere by now, what is not there, and what is named twice.
            let moved = Removal(old, end: Mark(position: 2, hash: ends[0].hash))
            #expect(await failure { try await remove([moved]) } == .conflict(old, expected: 2, actual: 3))
            let other = Removal(kept, end: Mark(position: 1, hash: ends[0].hash))
            #expect(await failure { try await remove([going, other]) } == .conflict(kept, expected: 1, actual: 1))
            let none = Removal(JournalName(.run, "r3"), end: going.end)
            #expect(await failure { try await remove([going, none]) } == .conflict(none.journal, expected: 3, actual: 0))
            #expect(await failure { try await remove([going, going]) } == .failed)
            #expect(await failure { try await remove([going], after: 7) } == .conflict(record, expected: 7, actual: 0))
            #expect(try await store.head(of: record) == nil)
            #expect(try await store.read(old, after: 0, limit: 10).count == 3)

            try await remove([going])
            #expect(try await store.head(of: old) == nil)
            #expect(try await store.read(old, after: 0, limit: 10).isEmpty)
            #expect(try await store.heads(of: .run, before: nil, limit: 10).map(\.journal) == [kept])
            #expect(try await store.read(kept, after: 0, limit: 10).map(\.body) == [[4]])
            #expect(try await store.head(of: record)?.position == 1)
            let late = await failure { _ = try await store.append([Append(old, expected: 3, bodies: [[1]])], under: []) }
            #expect(late == .conflict(old, expected: 3, actual: 0))
            let again = try await ledger.open()
            #expect(try await again.head(of: old) == nil)
            await again.close()
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a journal is either written to or removed when both are tried at once`(kind: StoreKind) async throws {
        try await withStore(kind) { store, ledger in
            let other = try await ledger.open()
            for round in 0..<20 {
                let name = JournalName(.run, "r\(round)")
                let end = try await store.append([Append(name, expected: 0, bodies: [[1]])], under: [])[0].mark
                let position = try await store.head(of: JournalName(.ledger, "pruned"))?.position ?? 0
                let removal = Append(
                    JournalName(.ledger, "pruned"), expected: position, bodies: [[9]], removing: [Removal(name, end: end)])
                async let writing = failure {
                    _ = try await other.append([Append(name, expected: 1, bodies: [[2]])], under: [])
                }
                async let removing = failure { _ = try await store.append([removal], under: []) }
                let (written, removed) = (await writing, await removing)
                #expect((written == nil) != (removed == nil), "\(String(describing: written)) \(String(describing: removed))")
                #expect(try await store.head(of: name)?.position == (written == nil ? 2 : nil))
            }
            await other.close()
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `lists the newest names first, page by page`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let names = ["0", "01-b", "01.a", "01_c", "10", "9", "a"]
            for name in names.shuffled() {
                for kind in JournalName.Kind.allCases {
                    _ = try await store.append([Append(JournalName(kind, name), expected: 0, bodies: [[1]])], under: [])
                }
            }
            for kind in JournalName.Kind.allCases {
                var listed: [String] = []
                while case let page = try await store.heads(of: kind, before: listed.last, limit: 3), !page.isEmpty {
                    #expect(page.allSatisfy { $0.journal.kind == kind })
                    listed += page.map(\.journal.name)
                }
                #expect(listed == names.sorted().reversed())
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `says when an entry was written`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let before = Int64(Date().timeIntervalSince1970 * 1000)
            let heads = try await store.append([Append(journal, expected: 0, bodies: [[1]])], under: [])
            // The server of the test runs on this machine; a second allows for rounding and for clock steps.
            #expect((before - 1000...before + 60_000).contains(heads[0].updated))
        }
    }
}
