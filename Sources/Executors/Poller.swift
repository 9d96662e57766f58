import CLinux
import Dispatch
import Glibc
import Synchronization

/// The one thread that watches descriptors, those of all programs among them, see epoll(7).
///
/// Not Dispatch's sources: on Linux their event loop follows pointers that a cancelled source has freed, which ended us with a
/// segmentation fault about once in ten thousand programs. Here an event carries a number, and one that nobody knows any more is nothing.
final class Poller: Sendable {
    static let shared = Poller()

    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    /// Who waits, by ticket.
    private let waiting = Mutex<[UInt64: Readiness]>([:])
    private let lastTicket = Atomic<UInt64>(0)

    private init() {
        DispatchQueue(label: "executors.poller").async { [self] in
            while true { turn() }
        }
    }

    /// A number for a descriptor to be watched, never given twice: the descriptor's own may soon be another file's.
    func ticket() -> UInt64 { lastTicket.add(1, ordering: .relaxed).newValue }

    /// Wakes `readiness` once when its descriptor can be read; false if such a file cannot be watched.
    func watch(_ readiness: Readiness, isNew: Bool) -> Bool {
        waiting.withLock { $0[readiness.ticket] = readiness }
        var event = unsafe epoll_event(
            events: EPOLLIN.rawValue | EPOLLONESHOT.rawValue, data: epoll_data_t(u64: readiness.ticket))
        let result = unsafe epoll_ctl(epoll, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, readiness.descriptor, &event)
        if result != 0 { waiting.withLock { $0[readiness.ticket] = nil } }
        return result == 0
    }

    /// Watches it no more; whoever waits is not woken.
    func forget(_ readiness: Readiness) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, readiness.descriptor, nil)
        waiting.withLock { $0[readiness.ticket] = nil }
    }

    private func turn() {
        var events = unsafe [epoll_event](repeating: epoll_event(), count: 64)
        let count = unsafe epoll_wait(epoll, &events, Int32(events.count), -1)
        for place in 0..<max(0, Int(count)) {
            let ticket = unsafe events[place].data.u64
            waiting.withLock { $0.removeValue(forKey: ticket) }?.fire()
        }
    }
}
