import Journal
import Logging
import Pipeline
import Records
import Synchronization

/// What happens in one run, looked at once for all who follow it.
///
/// Followers come for what they have not got. Whoever is slow takes longer and costs nothing, and who is further behind than what is
/// kept here reads it from the ledger.
///
/// A lock, not an actor, since each of a thousand followers would wait for its turn twice an event.
final class RunFeed: Sendable {
    /// What there is for a follower.
    enum Step {
        /// Events, or their end.
        case part(RunTail.Part)
        /// Nothing; say that the connection lives.
        case beat
        /// The service is stopping.
        case closed
    }

    private struct State {
        var tail: RunTail
        var waiting: [(position: Int64, continuation: CheckedContinuation<Step, Never>)] = []
        var loading: Task<Void, any Error>?
        var watching: Task<Void, Never>?
        var isClosed = false

        /// What there is after `position`; nil when nothing is yet.
        func step(after position: Int64) -> Step? { isClosed ? .closed : tail.part(after: position).map(Step.part) }
    }

    private static let page = 500
    /// How long after a failure the ledger is asked again.
    private static let pause = Duration.seconds(1)

    private let id: RunID
    private let ledger: Ledger
    private let heartbeat: Duration
    private let logger: Logger
    private let state: Mutex<State>

    init(_ id: RunID, in ledger: Ledger, _ limits: Followers.Limits, logger: Logger) {
        self.id = id
        self.ledger = ledger
        heartbeat = limits.heartbeat
        self.logger = logger
        state = Mutex(State(tail: RunTail(keeping: limits.kept)))
    }

    /// Reads what there is, once for all who ask at the same time; throws when there is no such run.
    func open() async throws {
        let loading = state.withLock { state in
            let loading = state.loading ?? Task { try await self.load() }
            state.loading = loading
            return loading
        }
        try await loading.value
    }

    /// Where the run stands; nil before it was read.
    var standing: (position: Int64, status: RunStatus)? { state.withLock { $0.tail.state } }

    /// What there is after `position`, waiting until there is something.
    func next(after position: Int64) async -> Step {
        await withCheckedContinuation { continuation in
            let step = state.withLock { state in
                let step = state.step(after: position)
                if step == nil { state.waiting.append((position, continuation)) }
                return step
            }
            if let step { continuation.resume(returning: step) }
        }
    }

    /// Ends the looking, and with it all following.
    func close() {
        let watching = state.withLock { state in
            state.isClosed = true
            return state.watching
        }
        watching?.cancel()
        wake()
    }

    private func load() async throws {
        try await take()
        guard standing != nil else { throw LedgerError.noSuchRun(id) }
        state.withLock { state in
            if !state.isClosed { state.watching = Task { await self.watch() } }
        }
    }

    private func watch() async {
        while !Task.isCancelled {
            do {
                let (journal, end) = (JournalName(.run, id), standing?.position ?? 0)
                if try await ledger.store.wait(for: journal, after: end, timeout: heartbeat) { try await take() }
            } catch {
                guard !Task.isCancelled else { return }
                logger.error("a run cannot be followed now", error: error, metadata: ["run": .string(id)])
                try? await Task.sleep(for: Self.pause)
            }
            wake()
        }
    }

    /// Takes what is new in the ledger.
    private func take() async throws {
        while true {
            let events = try await ledger.events(of: id, after: standing?.position ?? 0, limit: Self.page)
            try state.withLock { try $0.tail.add(events) }
            guard events.count == Self.page else { return }
        }
    }

    /// Gives all who wait what there is; most wait for the same.
    private func wake() {
        let (waiting, steps) = state.withLock { state in
            let waiting = state.waiting
            state.waiting = []
            var steps: [Int64: Step] = [:]
            for (position, _) in waiting where steps[position] == nil { steps[position] = state.step(after: position) ?? .beat }
            return (waiting, steps)
        }
        for (position, continuation) in waiting { continuation.resume(returning: steps[position] ?? .beat) }
    }
}
