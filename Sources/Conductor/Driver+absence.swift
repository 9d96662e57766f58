import Journal
import Pipeline

extension Driver {
    /// Why this driver cannot be working any more; nil while it may be.
    ///
    /// On our own machine the process table tells. On another, only time does: past the deadline and a minute for ending it in order.
    func absence(in world: World, since: Int64, deadline: TimeSpan) -> String? {
        if host == world.driver.host { return world.isRunning(self) ? nil : "process \(pid) on \(host) is gone" }
        guard world.now() > since + deadline.milliseconds + 60_000 else { return nil }
        return "process \(pid) on \(host) has not reported within its deadline of \(deadline)"
    }
}

extension LeaseHolder {
    /// A driver as the holder of a lease.
    init(_ driver: Driver, user: String, driving run: Run) {
        self.init(
            id: driver.id, host: driver.host, user: user, process: "\(driver.pid)@\(driver.started)",
            purpose: "run \(run.id) of pipeline \(run.plan.pipeline)")
    }

    /// The run that the lease is held for.
    var run: RunID? {
        let words = purpose.split(separator: " ")
        return words.count > 1 && words[0] == "run" ? String(words[1]) : nil
    }

    /// Whether the holder is a process of this machine that has ended.
    func isGone(in world: World) -> Bool {
        guard host == world.driver.host, let process, let at = process.firstIndex(of: "@"), let pid = Int32(process[..<at]) else {
            return false
        }
        return !world.isRunning(Driver(id: id, host: host, pid: pid, started: String(process[process.index(after: at)...])))
    }
}
