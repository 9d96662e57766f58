import Journal
import Pipeline

extension LeaseHolder {
    /// A driver as the holder of a lease.
    init(_ driver: Driver, user: String, driving run: Run) {
        self.init(
            id: driver.id, host: driver.host, user: user, process: "\(driver.pid)@\(driver.started)",
            purpose: "run \(run.id) of pipeline \(run.plan.pipeline)")
    }

    /// A part of a driver's work as the holder of a lease of its own, which no other part of it has.
    init(_ driver: Driver, user: String, part: String, purpose: String) {
        self.init(
            id: "\(driver.id):\(part)", host: driver.host, user: user, process: "\(driver.pid)@\(driver.started)",
            purpose: purpose)
    }

    /// The id of the driver, be the lease for all of its work or for a part.
    private var driver: String { String(id.prefix { $0 != ":" }) }

    /// The run that the lease is held for.
    var run: RunID? {
        let words = purpose.split(separator: " ")
        return words.count > 1 && words[0] == "run" ? String(words[1]) : nil
    }

    /// Whether the holder is a process of this machine that has ended, and all that it had started.
    ///
    /// A docker that it left behind changes the environment still.
    func isGone(in world: World) -> Bool {
        guard host == world.driver.host, let process, let at = process.firstIndex(of: "@"), let pid = Int32(process[..<at]) else {
            return false
        }
        let driver = Driver(id: driver, host: host, pid: pid, started: String(process[process.index(after: at)...]))
        return !world.isRunning(driver) && !world.hasPrograms(driver.id)
    }
}
