import Testing

@testable import Executors

@Suite struct WithinTests {
    /// Work that no cancellation interrupts, until it is let go.
    private struct Stuck {
        private let opener: AsyncStream<Never>.Continuation
        let work: Task<Void, Never>

        init() {
            let (gate, opener) = AsyncStream.makeStream(of: Never.self)
            self.opener = opener
            work = Task { for await _ in gate {} }
        }

        func letGo() { opener.finish() }
    }

    @Test func `what is done in time is the answer`() async {
        #expect(await within(.seconds(600)) { 7 } == 7)
    }

    @Test func `work that cannot be interrupted is left behind, and told that it is late`() async {
        let stuck = Stuck()
        let (told, teller) = AsyncStream.makeStream(of: Bool.self)
        let answer = await within(.milliseconds(20)) {
            await stuck.work.value
            teller.yield(Task.isCancelled)
            return 7
        }
        #expect(answer == nil)
        stuck.letGo()
        #expect(await told.first { _ in true } == true)
    }

    @Test func `who is cancelled has no answer at once`() async {
        let stuck = Stuck()
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let asking = Task {
            await within(.seconds(600)) {
                beginning.yield()
                await stuck.work.value
                return 7
            }
        }
        _ = await begun.first { _ in true }
        asking.cancel()
        #expect(await asking.value == nil)
        stuck.letGo()
    }
}
