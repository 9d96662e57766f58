import Pipeline
import Records
import Synchronization

/// What reaches the one task that owns a run, in order.
///
/// Any task may put; one task takes.
///
/// A lock, not an actor, so that timers, signals and stages can put without waiting.
final class Mailbox: Sendable {
    private struct State {
        var messages: [Message] = []
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Adds a message and wakes the owner.
    func put(_ message: Message) {
        let waiting = state.withLock { state in
            state.messages.append(message)
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// Everything that has come in, waiting until there is something: one turn of the owner takes all.
    func take() async -> [Message] {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                guard state.messages.isEmpty else { return true }
                state.waiting = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        return state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }
}

/// What can reach the task that owns a run.
enum Message: Sendable {
    /// A stage's task has ended.
    case outcome(StageKey, Outcome)
    /// A timer's time has come.
    case timer(Timer)
    /// Somebody else has written into the run's journal.
    case journalChanged
    /// Time to ask again for an environment that somebody else is changing.
    case askAgain
    /// A program works for a stage.
    case launched(StageKey, Launch)
    /// What became of the steps of those who had the environment before is known, as far as it can be.
    case recovered(EnvironmentName)
    /// The environment was given up before anybody looked.
    case notLooked(EnvironmentName)
    /// It could not be asked.
    case unrecovered(LedgerError)
    /// Time to look whether other drivers are still alive.
    case tick
    /// The process was told to stop, by this signal.
    case interrupt(String)
    /// The lease on an environment is gone.
    case leaseLost(resource: String)
}
