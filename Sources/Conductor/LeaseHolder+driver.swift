import Journal
import Pipeline

extension LeaseHolder {
    /// A driver as the holder of a lease.
    init(_ driver: Driver, user: String, driving run: Run) {
        self.init(driver, id: driver.id, user: user, purpose: "run \(run.id) of pipeline \(run.plan.pipeline)")
    }

    /// A part of a driver's work as the holder of a lease of its own, which no other part of it has.
    init(_ driver: Driver, user: String, part: String, purpose: String) {
        self.init(driver, id: "\(driver.id):\(part)", user: user, purpose: purpose)
    }

    private init(_ driver: Driver, id: String, user: String, purpose: String) {
        // The place comes first: who knows only `PID@START` reads no number there, and does not take the holder for dead.
        let place = driver.place.map { "\($0.text)/" } ?? ""
        self.init(
            id: id, host: driver.host, user: user, process: "\(place)\(driver.pid)@\(driver.started)", purpose: purpose)
    }

    /// The driver, be the lease for all of its work or for a part; nil when it does not say which process it is.
    var driver: Driver? {
        guard let process, let at = process.firstIndex(of: "@") else { return nil }
        let (before, started) = (process[..<at], String(process[process.index(after: at)...]))
        let id = String(id.prefix { $0 != ":" })
        guard let slash = before.lastIndex(of: "/") else {
            return Int32(before).map { Driver(id: id, host: host, pid: $0, started: started) }
        }
        guard let pid = Int32(before[before.index(after: slash)...]), let place = Whereabouts(text: before[..<slash]) else {
            return nil
        }
        return Driver(id: id, host: host, pid: pid, started: started, place: place)
    }

    /// The run that the lease is held for.
    var run: RunID? {
        let words = purpose.split(separator: " ")
        return words.count > 1 && words[0] == "run" ? String(words[1]) : nil
    }

    /// Whether the holder is a process of this machine that has ended, and all that it had started.
    ///
    /// A docker that it left behind changes the environment still.
    func isGone(in world: World) -> Bool {
        guard let driver else { return false }
        return world.sight(of: driver) == .gone && world.sightOfPrograms(of: driver) == .gone
    }
}
