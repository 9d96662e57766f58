import Randomness
import Synchronization
import Testing

@testable import Executors

@Suite struct AlarmTests {
    @Test func `alarms are called in the order of their times, whatever order they are set in`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(seed: seed)
        // All must be set before the first time comes: a machine that was too slow for that has another try with more time.
        for lead: Int64 in [100, 3_000, 60_000] {
            let called = Mutex<[Int]>([])
            let (last, end) = AsyncStream.makeStream(of: Void.self)
            let first = Alarms.now() + lead * 1_000_000
            for number in Array(0..<50).shuffled(using: &random) {
                _ = Alarms.shared.set(at: first + Int64(number) * 1_000_000) {
                    called.withLock { $0.append(number) }
                    if number == 49 { end.finish() }
                }
            }
            let areSetInTime = Alarms.now() < first
            for await _ in last {}
            guard areSetInTime else { continue }
            #expect(called.withLock { $0 } == Array(0..<50), "seed \(seed)")
            return
        }
        Issue.record("fifty alarms were not set within a minute")
    }

    @Test func `an alarm that is cancelled is not called and not kept`() async throws {
        // It must be cancelled before its time: a machine that was too slow for that has another try with more time.
        for lead: Int64 in [50, 2_000, 60_000] {
            let isCalled = Atomic(false)
            let time = Alarms.now() + lead * 1_000_000
            let alarm = Alarms.shared.set(at: time) { isCalled.store(true, ordering: .relaxed) }
            alarm.cancel()
            alarm.cancel()
            guard Alarms.now() < time else { continue }
            try await Alarms.shared.sleep(for: .milliseconds(lead + 100))
            let wasCalled = isCalled.load(ordering: .relaxed)
            #expect(!wasCalled)
            return
        }
        Issue.record("an alarm was not cancelled within a minute")
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
