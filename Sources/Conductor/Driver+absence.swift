import Pipeline
import Processes

extension Driver {
    /// Why this driver cannot be working any more; nil while it may be.
    ///
    /// On our own machine the process table tells. On another, only time does: past the deadline and a minute for ending it in order.
    func absence(in world: World, since: Int64, deadline: TimeSpan) -> String? {
        if host == world.driver.host {
            let identity = ProcessIdentity(pid: pid)
            if let identity, identity.isAlive, "\(identity.startTime)@\(identity.bootID)" == started { return nil }
            return "process \(pid) on \(host) is gone"
        }
        guard world.now() > since + deadline.milliseconds + 60_000 else { return nil }
        return "process \(pid) on \(host) has not reported within its deadline of \(deadline)"
    }
}
