import Journal
import Storing
import Synchronization
import Testing

@Suite struct BellTests {
    private let bell = Bell()

    /// Waits for a journal that never grows, and counts its looks.
    private func look(at journal: JournalName, _ looks: Looks) -> Task<Bool, any Error> {
        Task { [bell] in
            try await bell.wait(for: journal, asking: .seconds(600), timeout: .seconds(600)) { () throws(StoreError) in
                looks.add()
            }
        }
    }

    @Test func `wakes those who wait for a journal, and nobody else`() async throws {
        let (mine, other) = (Looks(), Looks())
        let waiting = [look(at: JournalName(.run, "mine"), mine), look(at: JournalName(.run, "other"), other)]
        await mine.reach(1)
        await other.reach(1)
        for number in 2...10 {
            await bell.ring(for: [JournalName(.run, "third"), JournalName(.run, "mine")])
            await mine.reach(number)
        }
        #expect(other.count == 1)
        await bell.ringAll()
        await other.reach(2)
        for task in waiting { task.cancel() }
        for task in waiting { #expect(try await !task.value) }
    }
}

/// How often somebody has looked.
private final class Looks: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock(\.self) }

    /// One look, which finds nothing.
    func add() -> Bool {
        state.withLock { $0 += 1 }
        return false
    }

    func reach(_ number: Int) async {
        while count < number { await Task.yield() }
    }
}
