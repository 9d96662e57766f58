import Synchronization

/// Waits, without a thread, until a file descriptor has something to read: output in a pipe, or the end of a process on its pidfd.
package final class Readiness: Sendable {
    private struct State {
        var waiter: CheckedContinuation<Bool, Never>?
        var isWatched = false
        var isStopped = false
    }

    let descriptor: Int32
    let ticket = Poller.shared.ticket()
    /// A lock, since the poller's thread and the waiting task meet here, for an instant each.
    private let state = Mutex(State())

    /// Watches a descriptor, which must stay open until ``stop()`` has returned; the caller closes it.
    package init(of descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Returns true once there is something to read, false once stopped.
    ///
    /// One waiter at a time.
    package func wait() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.isStopped { return false }
                state.waiter = continuation
                let isNew = !state.isWatched
                state.isWatched = true
                // What cannot be watched is always ready: reading it does not block.
                if Poller.shared.watch(self, isNew: isNew) { return nil }
                state.waiter = nil
                return true
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Ends the watch, also for whoever waits; later calls change nothing.
    package func stop() {
        let waiter = state.withLock { state in
            if state.isWatched, !state.isStopped { Poller.shared.forget(self) }
            state.isStopped = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: false)
    }

    /// For the poller: there is something to read.
    func fire() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: true)
    }
}
