import Foundation
import Journal
import Pipeline
import Records
import Services
import Testing

/// What every store that others share promises about what stages print.
@Suite struct LogContractTests {
    /// A file's readers have the driver's own logs.
    private static let kinds = StoreKind.allCases.filter { $0 != .sqlite }
    private let log = LogName(run: "1a", stage: "build-api", attempt: 1)

    /// A store with a run that is under way, whose stage `build-api` was begun.
    private func withLogs(_ kind: StoreKind, _ body: (any LogStore, any Store) async throws -> Void) async throws {
        try await withStore(kind) { store, _ in
            let now = Int64(Date.now.timeIntervalSince1970 * 1000)
            let ledger = Records.Ledger(store)
            try await SampleLedger(ledger).record("1a", commit: "one", at: now, .running(try #require(StageName("build-api"))))
            try await body(try #require(store.logs), store)
        }
    }

    private func add(_ bytes: [UInt8], at offset: Int64, to logs: any LogStore) async throws -> LogGrowth {
        try await logs.append(bytes, to: log, at: offset)
    }

    @Test(arguments: kinds)
    func `a log grows at its end, and is read from any place`(kind: StoreKind) async throws {
        try await withLogs(kind) { (logs, _) async throws in
            #expect(try await logs.sizes(ofRun: "1a", stage: nil).isEmpty)
            #expect(try await logs.read(log, from: 0, limit: 10).isEmpty)
            var whole: [UInt8] = []
            // Bytes that are no text, and pieces of many lengths.
            for (number, count) in [1, 5, 70_000, 2, LogLimits.piece].enumerated() {
                let piece = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
                #expect(try await add(piece, at: Int64(whole.count), to: logs) == .added)
                whole += piece
            }
            #expect(try await logs.sizes(ofRun: "1a", stage: nil) == [log: Int64(whole.count)])
            #expect(try await logs.sizes(ofRun: "1a", stage: "build-api") == [log: Int64(whole.count)])
            #expect(try await logs.sizes(ofRun: "1a", stage: "build-web").isEmpty)
            for (offset, limit) in [(0, 1 << 20), (0, 3), (3, 10), (6, 1), (5, 70_001), (70_005, 10), (whole.count - 1, 5)] {
                let read = try await logs.read(log, from: Int64(offset), limit: limit)
                #expect(read == Array(whole[offset..<min(whole.count, offset + limit)]), "\(offset), \(limit)")
            }
            #expect(try await logs.read(log, from: Int64(whole.count), limit: 10).isEmpty)
            #expect(try await logs.read(log, from: .max / 2, limit: 10).isEmpty)
        }
    }

    @Test(arguments: kinds)
    func `what is not for the end is not added, and what was added before is not added twice`(kind: StoreKind) async throws {
        try await withLogs(kind) { (logs, _) async throws in
            #expect(try await add([1, 2, 3], at: 0, to: logs) == .added)
            // Again, since its answer was lost.
            #expect(try await add([1, 2, 3], at: 0, to: logs) == .added)
            // Somebody else's, of another length and of the same.
            #expect(try await add([4, 5, 6, 7], at: 0, to: logs) == .ends(at: 3))
            #expect(try await add([4, 5, 6], at: 0, to: logs) == .ends(at: 3))
            #expect(try await add([9], at: 4, to: logs) == .ends(at: 3))
            // What would end where the log ends.
            #expect(try await add([9], at: 2, to: logs) == .ends(at: 3))
            #expect(try await add([4], at: 3, to: logs) == .added)
            #expect(try await logs.read(log, from: 0, limit: 10) == [1, 2, 3, 4])
        }
    }

    @Test(arguments: kinds)
    func `of ten who add at the same place one does`(kind: StoreKind) async throws {
        try await withLogs(kind) { (logs, _) async throws in
            let log = log
            for round in 0..<10 {
                let start = Int64(round * 3)
                let growths = try await withThrowingTaskGroup(of: LogGrowth.self) { group in
                    for writer in 0..<10 {
                        group.addTask { try await logs.append([UInt8(writer), 0, UInt8(writer)], to: log, at: start) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(growths.filter { $0 == .added }.count == 1, "\(growths)")
                let piece = try await logs.read(log, from: start, limit: 10)
                #expect(piece.count == 3 && piece.first == piece.last, "\(piece)")
            }
        }
    }

    @Test(arguments: kinds)
    func `there is no log without a run, and none that is longer than may be`(kind: StoreKind) async throws {
        try await withLogs(kind) { (logs, _) async throws in
            let none = LogName(run: "none", stage: "build-api", attempt: 1)
            await #expect(throws: StoreError.self) { try await logs.append([1], to: none, at: 0) }
            #expect(try await add([1], at: 0, to: logs) == .added)
            await #expect(throws: StoreError.self) { try await logs.append([1], to: log, at: LogLimits.log) }
            await #expect(throws: StoreError.self) {
                try await logs.append(Array(repeating: 0, count: LogLimits.piece + 1), to: log, at: 1)
            }
            #expect(try await logs.sizes(ofRun: "1a", stage: nil) == [log: 1])
        }
    }

    @Test(arguments: kinds)
    func `a log goes with its run`(kind: StoreKind) async throws {
        try await withLogs(kind) { (logs, store) async throws in
            #expect(try await add([1], at: 0, to: logs) == .added)
            let head = try #require(try await store.head(of: JournalName(.run, "1a")))
            let event = Stamped(LedgerEvent.pruned([Removal(head.journal, end: head.mark)]), at: 1, by: "the contract")
            let removal = Append(.pruned, expected: 0, bodies: [event.bytes], removing: [Removal(head.journal, end: head.mark)])
            _ = try await store.append([removal], under: [])
            #expect(try await store.logs?.read(log, from: 0, limit: 10) == [])
            await #expect(throws: StoreError.self) { try await logs.append([2], to: log, at: 1) }
        }
    }
}
