import Randomness
import Synchronization

/// One thread, one queue, and a clock of its own: what is ready runs in an order that a seed decides, and when nothing is ready the time
/// goes on to whoever sleeps the shortest.
///
/// Every task of a simulation runs here, so that the same seed gives the same run of everything.
final class Scheduler: TaskExecutor {
    fileprivate struct Sleeper {
        var until: Int64
        var continuation: CheckedContinuation<Void, any Error>
    }

    fileprivate struct State {
        var ready: [UnownedJob] = []
        var sleepers: [Int: Sleeper] = [:]
        var next = 0
        var now = Scheduler.beginning
        var chance: SplitMix
        var isStopped = false
        var story: [String] = []
    }

    private static let beginning: Int64 = 1_800_000_000_000
    private let state: Mutex<State>

    init(seed: UInt64) {
        state = Mutex(State(chance: SplitMix(seed: seed)))
    }

    /// The time of the simulated world, in milliseconds since 1970.
    var now: Int64 { state.withLock { $0.now } }

    /// A random number.
    func random() -> UInt64 { state.withLock { $0.chance.next() } }

    /// A random number of the range.
    func random(in range: ClosedRange<Int>) -> Int {
        state.withLock { Int.random(in: range, using: &$0.chance) }
    }

    /// True once in `times`.
    func once(in times: Int) -> Bool { random(in: 1...times) == 1 }

    /// What happened so far, a line each, with the seconds since the beginning.
    var story: [String] { state.withLock { $0.story } }

    /// Something happens.
    func tell(_ line: String) {
        state.withLock { state in
            let time = state.now - Self.beginning
            let thousandths = "\(1000 + time % 1000)".dropFirst()
            state.story.append("\(time / 1000).\(thousandths) \(line)")
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
    }

    /// Waits in simulated time; throws when the task is cancelled meanwhile.
    func sleep(_ duration: Duration) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = Task.isCancelled
                state.withLock { state in
                    guard !isCancelled else { return }
                    let until = state.now + max(0, duration.milliseconds)
                    state.sleepers[number] = Sleeper(until: until, continuation: continuation)
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Runs `body` and all that comes of it, until it is done.
    ///
    /// - Returns: false when nothing was left to do and it was not done: it waits for something that will never come.
    func run(_ body: @escaping @Sendable () async -> Void) -> Bool {
        Task(executorPreference: self) { [self] in
            await body()
            state.withLock { $0.isStopped = true }
        }
        while true {
            if let job = state.withLock({ $0.pick() }) {
                unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            } else if state.withLock({ $0.isStopped }) {
                return true
            } else if let sleeper = state.withLock({ $0.wake() }) {
                sleeper.resume()
            } else {
                return false
            }
        }
    }
}

extension Scheduler.State {
    fileprivate mutating func pick() -> UnownedJob? {
        guard !ready.isEmpty else { return nil }
        ready.swapAt(Int.random(in: 0..<ready.count, using: &chance), ready.count - 1)
        return ready.removeLast()
    }

    /// Of those who sleep equally long the first comes first, so that the order does not hang on a dictionary's.
    fileprivate mutating func wake() -> CheckedContinuation<Void, any Error>? {
        guard let first = sleepers.min(by: { ($0.value.until, $0.key) < ($1.value.until, $1.key) }) else { return nil }
        now = max(now, first.value.until)
        return sleepers.removeValue(forKey: first.key)?.continuation
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
