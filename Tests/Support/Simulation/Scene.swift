import Conductor
import Pipeline
import Synchronization

/// The simulated world outside: what runs where, what it has done, and how often.
final class Scene: Sendable {
    /// A program that works for an attempt; it goes on when its shipit is gone.
    struct Child: Sendable, CustomStringConvertible {
        var run: RunID
        var key: StageKey
        var driver: Driver
        var resource: String?

        var description: String { "the program of \(run)/\(key.stage)/\(key.attempt)" }
    }

    /// An effect: a stage of a run, and how often a person has asked for it again.
    struct Effect: Hashable, Sendable {
        var run: RunID
        var stage: StageName
        var round: Int
    }

    private struct State {
        var children: [Int: Child] = [:]
        var told: Set<Int> = []
        var next = 0
        var counts: [Effect: Int] = [:]
        var rounds: [String: Int] = [:]
        var violations: [String] = []
    }

    private let state = Mutex(State())
    private let scheduler: Scheduler

    init(scheduler: Scheduler) {
        self.scheduler = scheduler
    }

    /// What was seen that must never be.
    var violations: [String] { state.withLock { $0.violations } }

    /// A program begins; two at work on one environment must never be, nor two of one command.
    func begin(_ child: Child) -> Int {
        scheduler.tell("\(child) begins on \(child.driver.place?.boot ?? "")")
        return state.withLock { state in
            let other = state.children.sorted { $0.key < $1.key }.first { $0.value.resource == child.resource }?.value
            if let resource = child.resource, let other {
                state.violations.append("two are at work on \(resource): \(other) and \(child)")
            }
            state.next += 1
            state.children[state.next] = child
            return state.next
        }
    }

    /// The program does what it is for.
    func act(_ child: Child) {
        scheduler.tell("\(child) acts")
        state.withLock { state in
            let round = state.rounds["\(child.run)/\(child.key.stage)"] ?? 0
            let effect = Effect(run: child.run, stage: child.key.stage, round: round)
            state.counts[effect, default: 0] += 1
            if state.counts[effect] == 2 { state.violations.append("\(child.run)/\(child.key.stage) was done twice") }
        }
    }

    /// The program has ended.
    func end(_ number: Int) {
        guard let child = state.withLock({ $0.children.removeValue(forKey: number) }) else { return }
        scheduler.tell("\(child) ends")
    }

    /// Tells a program to end.
    func tell(_ number: Int) { state.withLock { _ = $0.told.insert(number) } }

    /// Whether the program was told to end.
    func isTold(_ number: Int) -> Bool { state.withLock { $0.told.contains(number) } }

    /// What a process sees of what a driver started: nothing of another machine's, and not whose another user's is.
    func sight(of driver: Driver, by process: Process) -> Sight {
        guard driver.place?.boot == process.host.boot else { return .gone }
        let isAtWork = state.withLock { $0.children.values.contains { $0.driver.id == driver.id } }
        return !isAtWork ? .gone : process.sees(driver) ? .atWork : .hidden
    }

    /// The programs of an attempt that are at work and that a process sees.
    func survivors(of key: StageKey, in run: RunID, seenBy process: Process) -> [Int] {
        state.withLock { state in
            state.children.filter { $0.value.key == key && $0.value.run == run && process.sees($0.value.driver) }.keys.sorted()
        }
    }

    /// How often a stage's effect was made, whatever people asked for.
    func count(_ run: RunID, _ stage: StageName) -> Int {
        state.withLock { $0.counts.filter { $0.key.run == run && $0.key.stage == stage }.values.reduce(0, +) }
    }

    /// A person asks for a stage again, knowing what is there.
    func again(_ run: RunID, _ stage: StageName) {
        state.withLock { $0.rounds["\(run)/\(stage)", default: 0] += 1 }
    }
}
