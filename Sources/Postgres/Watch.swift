import CLinux
import CPostgres
import Glibc

/// Ends a wait from another thread, through a descriptor that `poll` watches.
final class Wake: Sendable {
    fileprivate let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))

    deinit {
        close(descriptor)
    }

    /// Makes the wait that is going on, or the next one, look around.
    func signal() {
        var one: UInt64 = 1
        // Fails only when the counter is full, which wakes as well.
        _ = unsafe write(descriptor, &one, 8)
    }

    fileprivate func settle() {
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, 8)
    }
}

/// Waits for a socket until a deadline or until the task is cancelled, whichever is first.
struct Watch {
    /// Why a wait ended.
    enum Event { case ready, cancelled, late }

    let wake: Wake
    /// Whether a cancelled task ends the wait.
    let heedsCancellation: Bool
    /// When the wait ends; nil for never.
    private let deadline: ContinuousClock.Instant?

    init(_ wake: Wake, for timeout: Duration?, heedsCancellation: Bool = true) {
        self.wake = wake
        self.heedsCancellation = heedsCancellation
        deadline = timeout.map { .now + $0 }
    }

    /// Blocks the calling thread, which must be one of a `QueueExecutor`.
    func wait(for socket: Int32, writing: Bool = false, reading: Bool = true) -> Event {
        while true {
            if heedsCancellation, Task.isCancelled { return .cancelled }
            let left = deadline.map { ContinuousClock.now.duration(to: $0) }
            if let left, left <= .zero { return .late }
            var watched = [
                pollfd(fd: socket, events: Int16((reading ? POLLIN : 0) | (writing ? POLLOUT : 0)), revents: 0),
                pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&watched, 2, left.map(Self.milliseconds) ?? -1) > 0 else { continue }
            // A wake that was meant for another call is used up here and means nothing.
            if watched[1].revents != 0 { wake.settle() }
            if watched[0].revents != 0 { return .ready }
        }
    }

    /// Rounded up, so that a deadline is never looked at too early.
    private static func milliseconds(_ left: Duration) -> Int32 {
        Int32(clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1)
    }
}
