import Foundation
import Journal
import LedgerAPI
import Randomness
import Synchronization
import Testing

/// What a ledger behind an API does when connections to it are cut.
@Suite struct RemoteCutTests {
    private let journals = [JournalName(.run, "r1"), JournalName(.environment, "production")]

    @Test(arguments: CuttingProxy.Moment.allCases, [1, 2, 3])
    func `appends once when the answer is lost`(moment: CuttingProxy.Moment, times: Int) async throws {
        try await withStore(.api) { direct, ledger in
            let proxy = try CuttingProxy(
                to: UInt16(try #require(ledger.api?.service.port)), cutting: moment, at: Array("POST /api/ledger/append".utf8),
                times: times)
            defer { proxy.stop() }
            // The connection of the first question is there to be used again: nothing in between may send anything twice unseen.
            let store = try await ledger.open(through: proxy.number)
            let heads = try await store.append(
                journals.map { Append($0, expected: 0, bodies: [[1], [2]], summary: [3]) }, under: [])
            #expect(proxy.cutsLeft == 0)
            for (journal, head) in zip(journals, heads) {
                #expect(head == (try await direct.head(of: journal)))
                #expect(try await direct.read(journal, after: 0, limit: 10).map(\.body) == [[1], [2]])
            }
            await store.close()
        }
    }

    @Test func `tells a conflict as one when somebody else's entry is where an append was lost`() async throws {
        try await withStore(.api) { direct, ledger in
            let proxy = try CuttingProxy(
                to: UInt16(try #require(ledger.api?.service.port)), cutting: .before, at: Array("POST /api/ledger/append".utf8),
                times: 1)
            defer { proxy.stop() }
            let store = try await ledger.open(through: proxy.number)
            _ = try await direct.append([Append(journals[0], expected: 0, bodies: [[1]])], under: [])
            let code = await failure { _ = try await store.append([Append(journals[0], expected: 0, bodies: [[2]])], under: []) }
            #expect(code == .conflict(journals[0], expected: 0, actual: 1))
            #expect(proxy.cutsLeft == 0)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `neither loses nor doubles an entry while connections are cut at random`(seed: UInt64) async throws {
        try await withStore(.api) { direct, ledger in
            let chance = Mutex(SplitMix(seed: seed))
            let proxy = try CuttingProxy(to: UInt16(try #require(ledger.api?.service.port))) { _ in
                chance.withLock { chance in
                    guard Int.random(in: 0..<5, using: &chance) == 0 else { return nil }
                    return Bool.random(using: &chance) ? .before : .after
                }
            }
            defer { proxy.stop() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    let store = try await ledger.open(through: proxy.number)
                    group.addTask {
                        for round in 0..<12 { try await appendOnce("\(writer).\(round)", through: store, looking: direct) }
                    }
                }
                try await group.waitForAll()
            }
            let bodies = try await direct.read(journals[0], after: 0, limit: 1000).map {
                String(decoding: $0.body, as: UTF8.self)
            }
            #expect(bodies.count == 48 && Set(bodies).count == 48, "seed \(seed): \(bodies.sorted())")
        }
    }

    /// Appends `text` as often as it takes; what is told as a conflict was not written, and what is told as unknown is looked for.
    private func appendOnce(_ text: String, through store: any Store, looking direct: any Store) async throws {
        while true {
            do throws(StoreError) {
                let position = try await store.head(of: journals[0])?.position ?? 0
                _ = try await store.append([Append(journals[0], expected: position, bodies: [Array(text.utf8)])], under: [])
                return
            } catch {
                if case .conflict = error.code { continue }
                guard error.passing else { throw error }
                let entries = try await direct.read(journals[0], after: 0, limit: 1000)
                if entries.contains(where: { $0.body == Array(text.utf8) }) { return }
            }
        }
    }
}
