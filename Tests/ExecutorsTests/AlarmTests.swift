import Randomness
import Synchronization
import Testing

@testable import Executors

@Suite struct AlarmTests {
    @Test func `alarms are called in the order of their times, whatever order they are set in`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(seed: seed)
        let called = Mutex<[Int]>([])
        let (last, end) = AsyncStream.makeStream(of: Void.self)
        for number in Array(0..<50).shuffled(using: &random) {
            // Far enough apart for a thread that has to wait between two of them.
            _ = Alarms.shared.set(after: .milliseconds(100 + 4 * number)) {
                called.withLock { $0.append(number) }
                if number == 49 { end.finish() }
            }
        }
        for await _ in last {}
        #expect(called.withLock { $0 } == Array(0..<50), "seed \(seed)")
    }

    @Test func `an alarm that is cancelled is not called and not kept`() async throws {
        let isCalled = Atomic(false)
        let alarm = Alarms.shared.set(after: .milliseconds(50)) { isCalled.store(true, ordering: .relaxed) }
        alarm.cancel()
        alarm.cancel()
        try await Alarms.shared.sleep(for: .milliseconds(150))
        let wasCalled = isCalled.load(ordering: .relaxed)
        #expect(!wasCalled)
    }

    @Test func `ten thousand that nobody waits for leave nothing behind, and no other late`() async throws {
        let before = Alarms.shared.count
        let (rung, end) = AsyncStream.makeStream(of: Void.self)
        _ = Alarms.shared.set(after: .milliseconds(200)) { end.finish() }
        for _ in 0..<10_000 { Alarms.shared.set(after: .seconds(3600)) {}.cancel() }
        for await _ in rung {}
        #expect(Alarms.shared.count <= before + 60, "what other tests set is there as well")
    }

    @Test func `a sleep ends with its time, and at once when its task is cancelled`() async throws {
        try await Alarms.shared.sleep(for: .milliseconds(20))
        let long = Task { try await Alarms.shared.sleep(for: .seconds(3600)) }
        let longest = Task { try await Alarms.shared.sleep(for: .seconds(Int64.max)) }
        try await Alarms.shared.sleep(for: .milliseconds(20))
        for task in [long, longest] {
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            try await Alarms.shared.sleep(for: .seconds(3600))
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
    }
}
