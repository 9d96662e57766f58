/// A run with the times and people of its events: what people are shown.
public struct RunRecord: Sendable {
    /// When a stage was under way, in milliseconds since 1970.
    public struct Timing: Hashable, Sendable {
        /// When its last attempt began.
        public var started: Int64
        /// When it ended; nil while it is under way.
        public var ended: Int64?
        /// How long the attempts before the last took together, in milliseconds.
        public var earlier: Int64 = 0
        /// How it came to be done; nil when it is not.
        public var how: Completion?

        /// How long all attempts took together, in milliseconds; nil while the last is under way.
        public var took: Int64? { ended.map { max(0, $0 - started) + earlier } }
    }

    /// The run.
    public private(set) var run: Run
    /// When it was created.
    public let created: Int64
    /// Who created it.
    public let by: String
    /// Who has driven it: in whose names it was created and taken up, and its attempts were begun.
    public private(set) var drivers: Set<String>
    /// When its last event was written.
    public private(set) var updated: Int64
    /// When each stage was under way.
    public private(set) var timings: [StageName: Timing] = [:]
    /// Notes that stages left with their outcome.
    public private(set) var notes: [StageName: String] = [:]
    /// The commits by which each Change differs that was put up for approval, where that is known.
    public private(set) var commits: [StageName: CommitSpan] = [:]
    /// How many events it has: the position of the last one in its journal.
    public private(set) var position: Int64 = 1

    /// Begins with a journal's first event.
    public init(_ first: Stamped<RunEvent>) throws(RunError) {
        run = try Run(first.event)
        created = first.at
        updated = first.at
        by = first.by
        drivers = [by]
    }

    /// How often a stage was begun.
    public func attempts(of stage: StageName) -> Int {
        run.index[stage].map { run.attempts[$0] } ?? 0
    }

    /// The stages that held the run up: of all ways through it the one that took longest, as far as its stages have ended.
    public var criticalPath: [StageName] {
        // What took nothing, such as what was never begun, held nobody up.
        run.plan.criticalPath { timings[$0.name]?.took ?? 0 }.filter { timings[$0]?.took ?? 0 > 0 }
    }

    /// Takes the next event.
    public mutating func apply(_ stamped: Stamped<RunEvent>) throws(RunError) {
        try run.apply(stamped.event)
        updated = stamped.at
        position += 1
        switch stamped.event {
        case .resumed: drivers.insert(stamped.by)
        case .started(let stage, _, _, _, _):
            drivers.insert(stamped.by)
            timings[stage] = Timing(started: stamped.at, earlier: timings[stage].map { $0.took ?? $0.earlier } ?? 0)
        case .succeeded(let stage, _, _, let how, let note):
            timings[stage]?.ended = stamped.at
            timings[stage]?.how = how
            notes[stage] = note
        case .approvalRequested(let stage, _, _, let commits):
            self.commits[stage] = commits
        case .failed(let stage, _, _, _), .stopped(let stage, _), .rejected(let stage, _), .approved(let stage, _, _),
            .undecided(let stage, _, _), .absolved(let stage, _, _), .approvalVoided(let stage, _, _, _):
            timings[stage]?.ended = stamped.at
        default:
            break
        }
    }
}
