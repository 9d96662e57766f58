import Synchronization
import Testing

@testable import Conductor

/// How long doctor waits for what it asks.
@Suite struct FindingTests {
    @Test func `what hangs and cannot be interrupted is a finding and holds nobody`() async {
        let (gate, opener) = AsyncStream.makeStream(of: Never.self)
        // No cancellation reaches a task of its own.
        let hanging = Task { for await _ in gate {} }
        let begin = ContinuousClock.now
        let found = await Finding.of("database of staging", within: .seconds(1), grace: .milliseconds(20)) {
            await hanging.value
            return Finding("database of staging", .fine, "answers")
        }
        #expect(found.verdict == .missing && found.message == "There was no answer within 1 s.")
        #expect(found.subject == "database of staging" && ContinuousClock.now - begin < .seconds(300))
        opener.finish()
    }

    @Test func `what can be ended is ended in order before its finding is given`() async {
        let isEnded = Mutex(false)
        let found = await Finding.of("cluster", within: .milliseconds(20), grace: .seconds(600)) {
            try? await Task.sleep(for: .seconds(600))
            isEnded.withLock { $0 = true }
            return Finding("cluster", .fine, "answers")
        }
        #expect(found.verdict == .missing && isEnded.withLock { $0 })
    }
}
