import Foundation
import Journal
import Synchronization
import Testing

@testable import Conductor

/// How output is brought to a store that answers, refuses, is away, or never answers; the store is a double.
@Suite struct LogCarrierTests {
    /// Logs in memory, in front of which a test may put anything.
    private final class Shelf: LogStore {
        let logs = Mutex<[LogName: [UInt8]]>([:])
        /// What happens before a piece is taken.
        let before: @Sendable (_ call: Int) async throws(StoreError) -> Void
        private let calls = Mutex(0)

        init(_ before: @escaping @Sendable (_ call: Int) async throws(StoreError) -> Void = { (_) throws(StoreError) in }) {
            self.before = before
        }

        func append(_ bytes: [UInt8], to log: LogName, at offset: Int64) async throws(StoreError) -> LogGrowth {
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            try await before(call)
            return logs.withLock { logs in
                let end = Int64(logs[log, default: []].count)
                guard end == offset else { return .ends(at: end) }
                logs[log, default: []] += bytes
                return .added
            }
        }

        func sizes(ofRun run: String, stage: String?) async throws(StoreError) -> [LogName: Int64] { [:] }
        func read(_ log: LogName, from offset: Int64, limit: Int) async throws(StoreError) -> [UInt8] { [] }

        func text(_ name: LogName) -> String { logs.withLock { String(decoding: $0[name, default: []], as: UTF8.self) } }
    }

    private static let log = LogName(run: "1ryh578ztb", stage: "build", attempt: 1)

    /// Hands `body` a carrier to `shelf`, and the path of a file; pauses take a thousandth of their time.
    ///
    /// - Parameter limit: how long is waited at the end, where a test is about that; the other limits pass on no machine.
    private func withCarrier(
        _ shelf: Shelf, waitingFor limit: Duration? = nil, _ body: (LogCarrier, _ file: String) async throws -> Void
    ) async throws {
        let file = NSTemporaryDirectory() + "shipit-carrier-\(UInt64.random(in: .min ... .max))"
        defer { try? FileManager.default.removeItem(atPath: file) }
        var world = World.real()
        let limits = [LogCarrier.patience, LogCarrier.haste].filter { $0 != limit }
        world.sleep = { try await Task.sleep(for: limits.contains($0) ? .seconds(3600) : $0 / 1000) }
        let workspace = try Workspace(around: URL(fileURLWithPath: #filePath).deletingLastPathComponent().path)
        try await body(LogCarrier(shelf, world: world, vault: Vault(for: workspace, in: world)), file)
    }

    /// Adds to the file, and tells the carrier.
    private func write(_ text: String, to file: String, _ carrier: LogCarrier) throws {
        let start = FileContent.size(of: file)
        try PrivateFile.write(text.utf8, to: file)
        carrier.take(Self.log, in: file, from: start, to: start + Int64(text.utf8.count))
    }

    @Test func `all that was written is there at the end, in order`() async throws {
        let shelf = Shelf()
        try await withCarrier(shelf) { carrier, file in
            var whole = ""
            for number in 0..<50 {
                // More than is brought at once, now and then.
                let text = String(repeating: "\(number) ", count: number.isMultiple(of: 10) ? 200_000 : 10)
                try write(text, to: file, carrier)
                whole += text
            }
            #expect(await carrier.finish() == nil)
            #expect(shelf.text(Self.log) == whole)
        }
    }

    @Test func `what another driver has brought before stays, and ours follows`() async throws {
        let shelf = Shelf()
        shelf.logs.withLock { $0[Self.log] = Array("theirs ".utf8) }
        try await withCarrier(shelf) { carrier, file in
            try write("ours", to: file, carrier)
            #expect(await carrier.finish() == nil)
            #expect(shelf.text(Self.log) == "theirs ours")
        }
    }

    @Test func `a store that is away for a while is asked again`() async throws {
        let shelf = Shelf { (call) throws(StoreError) in if call < 4 { throw StoreError(.unreachable, "away") } }
        try await withCarrier(shelf) { carrier, file in
            try write("one ", to: file, carrier)
            try write("two", to: file, carrier)
            while shelf.text(Self.log) != "one two" { try await Task.sleep(for: .milliseconds(1)) }
            #expect(await carrier.finish() == nil)
        }
    }

    @Test func `a store that refuses is not asked again, and what is only here is said`() async throws {
        let calls = Mutex(0)
        let shelf = Shelf { (_) throws(StoreError) in
            calls.withLock { $0 += 1 }
            throw StoreError(.refused, "your role may not")
        }
        try await withCarrier(shelf) { carrier, file in
            try write("one", to: file, carrier)
            let said = try #require(await carrier.finish())
            #expect(said.contains("build") && said.contains("your role may not"), "\(said)")
            #expect(calls.withLock { $0 } == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func `a store that never answers is not waited for long`(isHurried: Bool) async throws {
        let shelf = Shelf { (_) throws(StoreError) in
            try? await Task.sleep(for: .seconds(3600))
            throw StoreError(.failed, "cancelled")
        }
        try await withCarrier(shelf, waitingFor: isHurried ? LogCarrier.haste : LogCarrier.patience) { carrier, file in
            try write("one", to: file, carrier)
            if isHurried { carrier.hurry() }
            #expect(await carrier.finish()?.contains("kept on this machine alone") == true)
        }
    }
}
