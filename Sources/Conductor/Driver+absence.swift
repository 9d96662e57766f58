import Journal
import Pipeline
import Processes

extension Driver {
    /// Why this driver cannot be working any more; nil while it may be.
    ///
    /// On our own machine the process table tells. On another, only time does: past the deadline and a minute for ending it in order.
    func absence(in world: World, since: Int64, deadline: TimeSpan) -> String? {
        if host == world.driver.host { return isAliveHere ? nil : "process \(pid) on \(host) is gone" }
        guard world.now() > since + deadline.milliseconds + 60_000 else { return nil }
        return "process \(pid) on \(host) has not reported within its deadline of \(deadline)"
    }

    /// Whether the process runs on this machine.
    fileprivate var isAliveHere: Bool {
        guard let identity = ProcessIdentity(pid: pid), identity.isAlive else { return false }
        return "\(identity.startTime)@\(identity.bootID)" == started
    }
}

extension LeaseHolder {
    /// A driver as the holder of a lease.
    init(_ driver: Driver, user: String, purpose: String) {
        self.init(id: driver.id, host: driver.host, user: user, process: "\(driver.pid)@\(driver.started)", purpose: purpose)
    }

    /// Whether the holder is a process of this machine that has ended.
    func isGone(in world: World) -> Bool {
        guard host == world.driver.host, let process, let at = process.firstIndex(of: "@"), let pid = Int32(process[..<at]) else {
            return false
        }
        return !Driver(id: id, host: host, pid: pid, started: String(process[process.index(after: at)...])).isAliveHere
    }
}
