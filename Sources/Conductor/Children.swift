import Glibc
import Processes
import Synchronization

/// The programs that are running for us, so that a second Ctrl-C can end them at once.
public final class Children: Sendable {
    private let live = Mutex<Set<ProcessIdentity>>([])

    /// Kills every process group at once. For the last moment before we end ourselves.
    public func kill() {
        for identity in live.withLock({ $0 }) where identity.isAlive { _ = Glibc.kill(-identity.pid, SIGKILL) }
    }

    func add(_ identity: ProcessIdentity) {
        live.withLock { _ = $0.insert(identity) }
    }

    func remove(_ identity: ProcessIdentity) {
        live.withLock { _ = $0.remove(identity) }
    }
}
