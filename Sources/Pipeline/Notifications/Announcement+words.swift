import CivilTime
import Hashing

extension Announcement {
    /// Something about it in few words, with what that is.
    public struct Fact: Hashable, Sendable {
        /// What it is: `Commit`.
        public var label: String
        /// The words.
        public var value: String
    }

    /// What happened in one line, without the project's name.
    public var title: String {
        let place = environment?.text ?? stage.text
        guard !isTrial else { return "a trial, nothing happened (\(occasion.rawValue))" }
        switch news {
        case .waiting(let change): return "\(place) waits for approval of change \(change.hex.prefix(12))"
        case .failed(let failure): return "\(stage) failed: \(failure.code)"
        case .undecided: return "nobody knows what became of \(stage)"
        case .deployed: return "\(place) runs \(commit.prefix(12))"
        case .rolledBack: return "\(place) was rolled back to \(commit.prefix(12))"
        }
    }

    /// What there is to know, the most important first.
    public var facts: [Fact] {
        var facts: [Fact] = []
        func add(_ label: String, _ value: String?) {
            // On one line: what others wrote shall not look like a fact of its own.
            let line = value?.split(whereSeparator: \.isNewline).joined(separator: " ")
            if let line { facts.append(Fact(label: label, value: line)) }
        }
        add("Environment", environment?.text)
        switch news {
        case .rolledBack(let from, let hold):
            add("From", from)
            add("To", commit)
            add("Why", reason)
            add("Hold", hold.map { "set by \($0.by): \($0.reason)" })
            add("Run", run)
        case .waiting, .failed, .undecided, .deployed:
            add("Commit", commit)
            add("Run", "\(run) of \(pipeline): \(reason)")
        }
        add("Stage", stage.text + (attempt > 1 ? ", attempt \(attempt)" : ""))
        add("By", by)
        add("When", moment.plain)
        return facts
    }

    /// What to type next, the likeliest first.
    public var next: [String] {
        guard !isTrial else { return [] }
        return switch news {
        case .waiting: ["shipit approve \(run) --continue", "shipit reject \(run) --reason …"]
        case .failed: ["shipit logs \(run) \(stage)", "shipit retry \(run)"]
        case .undecided: ["shipit logs \(run) \(stage)", "shipit explain indeterminate"]
        case .deployed: environment.map { ["shipit status \($0)"] } ?? []
        case .rolledBack(_, let hold): hold == nil ? [] : environment.map { ["shipit unhold \($0) --reason …"] } ?? []
        }
    }

    /// Where the page tells more: of the run, or of what would be approved.
    public var link: String? { page.map { view.address(on: $0) } }

    private var view: PageView {
        if isTrial { return .front }
        if case .waiting = news { return .approval(run, stage) }
        return .run(run)
    }

    /// When it happened, as RFC 3339 writes it, in UTC.
    public var timestamp: String { moment.rfc3339 }

    /// When it happened, as the date of a mail is written (RFC 5322, section 3.3), in UTC.
    public var mailDate: String { moment.mail }

    private var moment: UTCTime { UTCTime(at) }
}
