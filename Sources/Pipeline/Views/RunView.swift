import Hashing

/// A run as JSON and pages show it: a projection, never a source of truth.
///
/// Field names are part of the interface.
public struct RunView: Hashable, Sendable, Codable {
    /// A stage of the run.
    public struct StageView: Hashable, Sendable, Codable {
        /// Its name.
        public var name: StageName
        /// The keyword of its kind.
        public var kind: String
        /// The environment it is about.
        public var environment: EnvironmentName?
        /// What it does, in words.
        public var summary: String
        /// `pending`, `ready`, `running`, `backing-off`, `waiting`, `in-doubt`, `succeeded`, `skipped`, `failed`, `blocked`, `cancelled`, `indeterminate`.
        public var state: String
        /// Why it is in that state, where there is a reason.
        public var reason: String?
        /// What would mend it.
        public var remedy: String?
        /// Attempts begun.
        public var attempts: Int
        /// The stages it waits for.
        public var after: [StageName]
        /// When its last attempt began, in milliseconds since 1970.
        public var started: Int64?
        /// When it ended.
        public var ended: Int64?
        /// How long the attempts before the last took together, in milliseconds; nil when there were none.
        public var earlier: Int64?
        /// How it came to be done; nil when it is not.
        public var how: Completion?
        /// How long it usually takes, in milliseconds; nil where that was not asked for, or nobody knows.
        public var usual: Int64?
        /// Whether the goal needs it.
        public var isWanted: Bool
        /// What it produced, in words.
        public var product: String?
    }

    /// The run's id.
    public var id: RunID
    /// The pipeline.
    public var pipeline: PipelineName
    /// The commit.
    public var commit: String
    /// Whether the work tree had uncommitted changes.
    public var isDirty: Bool
    /// Where it stands.
    public var status: RunStatus
    /// Why it was started.
    public var reason: String
    /// What it was asked for.
    public var goal: [StageName]
    /// Who started it.
    public var by: String
    /// When it was created, in milliseconds since 1970.
    public var created: Int64
    /// When its last event was written.
    public var updated: Int64
    /// The position of its last event, after which to follow what happens next.
    public var position: Int64
    /// The stages, in topological order.
    public var stages: [StageView]
    /// The stages on the longest way through the run, in order; none while it is under way.
    public var criticalPath: [StageName]
    /// What waits for approval.
    public var approvals: [ApprovalView]
    /// Why the last approval no longer covers what would be deployed.
    public var voided: [String]

    /// Shows a run.
    ///
    /// - Parameters:
    ///   - record: the run.
    ///   - usual: how long its stages usually take, in milliseconds.
    public init(_ record: RunRecord, usual: [StageName: Int64] = [:]) {
        let run = record.run
        id = run.id
        pipeline = run.plan.pipeline
        commit = run.plan.source.commit
        isDirty = run.plan.source.dirty != nil
        status = run.status
        reason = run.reason
        goal = run.goal
        by = record.by
        created = record.created
        updated = record.updated
        position = record.position
        stages = run.plan.stages.indices.map { StageView(number: $0, of: record, usual: usual) }
        criticalPath = run.status == .running ? [] : record.criticalPath
        approvals = record.waitingApprovals
        voided = run.voided
    }
}

/// A Change that waits for a person.
public struct ApprovalView: Hashable, Sendable, Codable {
    /// The run that waits.
    public var run: RunID
    /// The stage that waits.
    public var stage: StageName
    /// The environment that would change.
    public var environment: EnvironmentName
    /// The hash that an approval would cover.
    public var sum: String
    /// What would change.
    public var change: Change
    /// The commits by which it differs from what ran when it was frozen; nil where that is not known.
    public var commits: CommitSpan?
}

extension RunRecord {
    /// The Changes that wait for a person in it.
    public var waitingApprovals: [ApprovalView] {
        run.waitingApprovals.map { waiting in
            ApprovalView(
                run: run.id, stage: waiting.stage, environment: waiting.change.environment, sum: waiting.change.sum.hex,
                change: waiting.change, commits: commits[waiting.stage])
        }
    }
}

extension RunView.StageView {
    fileprivate init(number: Int, of record: RunRecord, usual: [StageName: Int64]) {
        let run = record.run
        let stage = run.plan.stages[number]
        let state = run.states[number]
        name = stage.name
        kind = stage.kind.keyword
        environment = stage.kind.value.environment
        summary = stage.kind.value.summary
        self.state = state.word
        reason = state.reason ?? record.notes[stage.name]
        remedy = state.failure?.remedy
        attempts = run.attempts[number]
        after = stage.predecessors
        started = record.timings[stage.name]?.started
        ended = record.timings[stage.name]?.ended
        earlier = record.timings[stage.name].flatMap { $0.earlier > 0 ? $0.earlier : nil }
        how = record.timings[stage.name]?.how
        self.usual = usual[stage.name]
        isWanted = run.isWanted[number]
        product = run.artifacts[stage.name]?.summary
    }
}

extension Run.StageState {
    /// A state without what it carries, as the stable word for machines and people.
    package enum Kind: String, Sendable, CaseIterable {
        case pending, ready, running
        case backingOff = "backing-off"
        case waiting
        case inDoubt = "in-doubt"
        case succeeded, skipped, failed, blocked, cancelled, indeterminate
    }

    /// The stable word for machines and people.
    public var word: String { kind.rawValue }

    private var kind: Kind {
        switch self {
        case .pending: .pending
        case .ready: .ready
        case .running: .running
        case .backingOff: .backingOff
        case .waiting: .waiting
        case .inDoubt: .inDoubt
        case .succeeded: .succeeded
        case .skipped: .skipped
        case .failed: .failed
        case .blocked: .blocked
        case .cancelled: .cancelled
        case .indeterminate: .indeterminate
        }
    }

    /// The failure it ended with or pauses after.
    public var failure: Failure? {
        switch self {
        case .failed(let failure), .indeterminate(_, let failure), .backingOff(_, _, let failure): failure
        default: nil
        }
    }

    /// Why, in words, where there is a reason.
    public var reason: String? {
        switch self {
        case .inDoubt(_, _, let reason), .skipped(let reason): reason
        case .blocked(let stage): "'\(stage)' did not succeed"
        case .waiting: "a person must approve"
        default: failure?.message
        }
    }
}

extension ArtifactValue {
    /// The artifact in words.
    public var summary: String {
        switch self {
        case .image(let image): image.reference
        case .schema(let schema):
            "schema \(schema.version ?? "empty")"
                + (schema.applied.isEmpty ? "" : ", applied \(schema.applied.joined(separator: ", "))")
        case .release(let release): "release \(release.release)"
        case .approval(let approval): "approval of change \(approval.change.sum.hex.prefix(12))"
        }
    }
}
