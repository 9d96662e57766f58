import Pipeline
import Records

/// What a prune did, for people.
struct PruneText {
    let text: String

    init(_ report: PruneReport, isRehearsal: Bool) {
        let runs = "\(report.runs) run\(report.runs == 1 ? "" : "s") with \(report.entries) entries"
        let verb = isRehearsal ? "would be" : report.runs == 1 ? "was" : "were"
        var reasons: [String: Int] = [:]
        for reason in report.kept.values { reasons[reason.text, default: 0] += 1 }
        let lines = reasons.sorted { $0.key < $1.key }.map { "  kept       \($0.value) \($0.key)" }
        text = (["\(runs) \(verb) removed, \(report.recent) are not old enough."] + lines).joined(separator: "\n")
    }
}

extension PruneReport.Reason {
    /// The reason as a list shows it.
    fileprivate var text: String {
        switch self {
        case .open: "can still go on"
        case .needed(let environment): "needed by \(environment)"
        case .damaged: "not as written: see 'shipit audit verify'"
        }
    }

    /// The stable word for programs.
    fileprivate var word: String {
        switch self {
        case .open: "open"
        case .needed: "needed"
        case .damaged: "damaged"
        }
    }

    fileprivate var environment: EnvironmentName? {
        if case .needed(let environment) = self { environment } else { nil }
    }
}

/// What a prune did, for programs.
struct PrunePayload: Encodable {
    struct Kept: Encodable {
        var run: RunID
        var reason: String
        var environment: EnvironmentName?
    }

    var dryRun: Bool
    var removed: Int
    var entries: Int64
    var recent: Int
    var kept: [Kept]

    init(_ report: PruneReport, isRehearsal: Bool) {
        dryRun = isRehearsal
        removed = report.runs
        entries = report.entries
        recent = report.recent
        kept = report.kept.sorted { $0.key > $1.key }.map { id, reason in
            Kept(run: id, reason: reason.word, environment: reason.environment)
        }
    }
}
