import Hashing
import Pipeline
import Processes

#if canImport(Glibc)
    import Glibc
#endif

/// What one process can tell of another, or of what that one has started.
public enum Sight: Hashable, Sendable {
    /// It is at work.
    case atWork
    /// It is gone, for certain.
    case gone
    /// Nobody here can tell: it may be at work.
    case hidden
}

extension World {
    /// Whether a driver runs.
    func sight(of other: Driver) -> Sight { sight(of: other, isRunning) }

    /// Whether programs that a driver has started are at work, be it dead or alive.
    func sightOfPrograms(of other: Driver) -> Sight { sight(of: other, hasPrograms) }

    private func sight(of other: Driver, _ look: (Driver) -> Sight) -> Sight {
        switch other.nearness(to: driver) {
        case .here: look(other)
        case .afterwards: .gone
        case .elsewhere: .hidden
        }
    }
}

extension Sight {
    /// Whether the very process that the driver was runs, by our table of processes.
    init(ofProcess driver: Driver) {
        if let identity = ProcessIdentity(pid: driver.pid) {
            self = identity.isAlive && identity.text == driver.started ? .atWork : .gone
        } else {
            // Another user's may be kept from us.
            self = ProcessIdentity.exists(driver.pid) ? .hidden : .gone
        }
    }

    /// Whether programs that carry the driver's name run, by our table of processes.
    init(ofProgramsOf driver: Driver) {
        let search = ProcessSearch(for: Work.driverVariable, driver.id)
        if !search.found.isEmpty {
            self = .atWork
        } else if let place = driver.place, search.mayMiss(startedBy: place.user, since: driver.ticks) {
            self = .hidden
        } else {
            self = .gone
        }
    }
}

extension Driver {
    /// When the process started, in clock ticks since boot: the first part of ``started``; 0 when that is unknown.
    fileprivate var ticks: UInt64 { UInt64(started.prefix { $0 != "@" }) ?? 0 }
}

extension Whereabouts {
    /// Where this process runs; nil where `/proc` does not tell.
    static func current() -> Whereabouts? {
        guard let space = ProcessSpace.current else { return nil }
        // The id itself is nobody else's business (machine-id(5)): half of a hash tells machines apart as well.
        let machine = space.machineID.map { String(SHA256Sum(of: Array("shipit machine \($0)".utf8)).hex.prefix(32)) }
        return Whereabouts(machine: machine, boot: space.bootID, namespace: space.namespace, user: geteuid())
    }
}
