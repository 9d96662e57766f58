import Dispatch

/// Waits, without a thread, until a file descriptor has something to read: output in a pipe, or the end of a process on its pidfd.
///
/// `@unchecked Sendable`: all state is touched on ``queue`` only.
final class Readiness: @unchecked Sendable {
    private static let queue = DispatchQueue(label: "processes.readiness")

    private let source: any DispatchSourceRead
    private var waiter: CheckedContinuation<Bool, Never>?
    private var isArmed = false
    private var isStopped = false

    /// Watches a descriptor, which must stay open until ``stop()`` has returned; the caller closes it.
    init(of descriptor: Int32) {
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
        source.setEventHandler { [unowned self] in fire() }
    }

    /// Returns true once there is something to read, false once stopped.
    ///
    /// One waiter at a time.
    func wait() async -> Bool {
        await withCheckedContinuation { continuation in
            Self.queue.async {
                if self.isStopped {
                    continuation.resume(returning: false)
                } else {
                    self.waiter = continuation
                    self.isArmed = true
                    self.source.resume()
                }
            }
        }
    }

    /// Ends the watch, also for whoever waits; later calls change nothing.
    ///
    /// Returns when the kernel watches the descriptor no more.
    func stop() async {
        await withCheckedContinuation { continuation in
            Self.queue.async {
                guard !self.isStopped else { return continuation.resume() }
                self.isStopped = true
                self.source.setCancelHandler { continuation.resume() }
                self.source.cancel()
                // A suspended source would never run its cancel handler, and may not be released.
                if !self.isArmed { self.source.resume() }
                self.waiter?.resume(returning: false)
                self.waiter = nil
            }
        }
    }

    /// Sleeps again after every event: a source left armed would spin while the reader is busy.
    private func fire() {
        guard !isStopped else { return }
        isArmed = false
        source.suspend()
        waiter?.resume(returning: true)
        waiter = nil
    }
}
