import Hummingbird
import NIOCore
import Synchronization

/// What `work` returns, or nil when `limit` passes or the task is cancelled first.
///
/// Late work is cancelled and not waited for, so the caller is answered in time even where a library cannot be interrupted
/// (name look-ups block); that is why the work runs in a task of its own. The time is kept by an event loop, which forgets it at once when
/// the work is done: a task that sleeps stays in memory until its time, however early it is cancelled.
public func within<Answer: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async -> Answer
) async -> Answer? {
    let first = First<Answer?>()
    let working = Task { first.give(await work()) }
    let timer = EventLoopGroupProvider.singleton.eventLoopGroup.any().scheduleTask(in: TimeAmount(limit)) { first.give(nil) }
    defer {
        working.cancel()
        timer.cancel()
    }
    return await withTaskCancellationHandler {
        await first.value
    } onCancel: {
        first.give(nil)
    }
}

/// The first of the values that several give.
private final class First<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case given(Value)
        case done
    }

    /// Under a lock, since a timer and whoever cancels a task can wait for no actor.
    private let state = Mutex(State.open)

    func give(_ value: Value) {
        let waiting: CheckedContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .open: state = .given(value)
            case .awaited(let continuation):
                state = .done
                return continuation
            case .given, .done: break
            }
            return nil
        }
        waiting?.resume(returning: value)
    }

    /// To be asked for once.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let given: Value? = state.withLock { state in
                    guard case .given(let value) = state else {
                        state = .awaited(continuation)
                        return nil
                    }
                    state = .done
                    return value
                }
                if let given { continuation.resume(returning: given) }
            }
        }
    }
}
