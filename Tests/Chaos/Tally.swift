/// What was found.
struct Finding: Hashable {
    /// What is wrong.
    enum Sort: String {
        case lost
        case doubled
        /// Something that should be gone is still there.
        case leftBehind = "left behind"
    }

    var sort: Sort
    var text: String

    static func lost(_ text: String) -> Finding { Finding(sort: .lost, text: text) }
    static func doubled(_ text: String) -> Finding { Finding(sort: .doubled, text: text) }
}

/// What was done and what was found.
struct Tally {
    /// How often shipit itself was killed.
    var kills = 0
    /// What else was done, and how often it met a living shipit.
    var blows: [Blow.Sort: Int] = [:]
    /// Releases that were shipped to the end.
    var shipped = 0
    /// What the newest entry of the run's journal was when shipit was killed.
    var places: [String: Int] = [:]
    /// How shipit ended where it was not killed, by exit code.
    var ends: [Int32: Int] = [:]
    /// Up to which write of an undisturbed run each was met by a kill.
    var sweeps: [String] = []
    /// Pushes, migrations and container starts that the witnesses saw.
    var seen: [String: Int] = [:]
    var findings: Set<Finding> = []

    var isClean: Bool { findings.isEmpty }

    mutating func add(_ other: Tally) {
        kills += other.kills
        blows.merge(other.blows, uniquingKeysWith: +)
        shipped += other.shipped
        places.merge(other.places, uniquingKeysWith: +)
        ends.merge(other.ends, uniquingKeysWith: +)
        sweeps += other.sweeps
        seen.merge(other.seen, uniquingKeysWith: +)
        findings.formUnion(other.findings)
    }

    var details: [String] {
        [
            "did: " + Self.list(blows.map { ($0.key.words, $0.value) }),
            "killed right after: " + Self.list(places.map { ($0.key, $0.value) }),
        ] + sweeps + [
            "ended by itself with exit code: " + Self.list(ends.map { ("\($0.key)", $0.value) }),
            "the witnesses saw: " + Self.list(seen.map { ($0.key, $0.value) }),
        ] + findings.map { "\($0.sort.rawValue): \($0.text)" }.sorted()
    }

    var summary: String {
        let others = blows.filter { $0.key != .kill && $0.key != .killAll }.values.reduce(0, +)
        func count(_ sort: Finding.Sort) -> String { "\(findings.count { $0.sort == sort }) \(sort.rawValue)" }
        return
            "\(kills) kills, \(others) other blows, \(shipped) releases shipped: \(count(.lost)), \(count(.doubled)), \(count(.leftBehind))"
    }

    private static func list(_ counts: [(String, Int)]) -> String {
        counts.sorted { $0.0 < $1.0 }.map { "\($0.0) ×\($0.1)" }.joined(separator: ", ")
    }
}
