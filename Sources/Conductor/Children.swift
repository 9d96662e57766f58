import Glibc
import Processes
import Synchronization

/// The programs that are running for us, so that a second Ctrl-C can end them at once.
public final class Children: Sendable {
    private let live = Mutex<[UInt64: ProcessIdentity]>([:])
    private let next = Atomic<UInt64>(0)

    /// Kills every process group at once.
    ///
    /// For the last moment before we end ourselves.
    public func kill() {
        for identity in live.withLock({ $0.values }) where identity.isAlive { _ = Glibc.kill(-identity.pid, SIGKILL) }
    }

    /// A place for one program, taken when it starts and left when it has ended.
    func place() -> Place {
        Place(children: self, number: next.add(1, ordering: .relaxed).newValue)
    }

    /// The place of one program.
    struct Place: Sendable {
        fileprivate let children: Children
        fileprivate let number: UInt64

        func take(_ identity: ProcessIdentity) {
            children.live.withLock { $0[number] = identity }
        }

        func leave() {
            children.live.withLock { $0[number] = nil }
        }
    }
}
