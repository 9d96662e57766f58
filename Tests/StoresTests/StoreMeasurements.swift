import Foundation
import Journal
import Testing

/// How fast the stores are on this machine; started with SHIPIT_MEASURE=1 and judged by people.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SHIPIT_MEASURE"] != nil))
struct StoreMeasurements {
    @Test(arguments: StoreKind.allCases, [1, 10])
    func `appends one after the other`(kind: StoreKind, batch: Int) async throws {
        try await withStore(kind) { store, _ in
            let (journal, body) = (JournalName(.run, "r1"), Array(repeating: UInt8(65), count: 400))
            let time = try await ContinuousClock().measure {
                for round in 0..<500 {
                    let bodies = Array(repeating: body, count: batch)
                    _ = try await store.append([Append(journal, expected: Int64(round * batch), bodies: bodies)], under: [])
                }
            }
            print("\(kind): 500 transactions of \(batch): \(time), \(Int(500 * Double(batch) / (time / .seconds(1)))) entries/s")
        }
    }

    @Test(arguments: StoreKind.allCases) func `appends from twenty tasks`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let time = try await ContinuousClock().measure {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<20 {
                        group.addTask {
                            for round in 0..<100 {
                                let append = Append(JournalName(.run, "\(writer)"), expected: Int64(round), bodies: [[1, 2, 3]])
                                _ = try await store.append([append], under: [])
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            print("\(kind): 2000 transactions from 20 tasks: \(time), \(Int(2000 / (time / .seconds(1)))) entries/s")
        }
    }

    @Test(arguments: StoreKind.allCases) func `opens and reads a head`(kind: StoreKind) async throws {
        try await withLedger(kind) { ledger in
            for round in 0..<8 {
                let clock = ContinuousClock()
                let begin = clock.now
                let store = try await ledger.open()
                let opened = clock.now
                _ = try await store.head(of: JournalName(.run, "r1"))
                let read = clock.now
                await store.close()
                print("\(kind): open \(round): \(opened - begin), head \(read - opened), close \(clock.now - read)")
            }
        }
    }
}
