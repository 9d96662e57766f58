/// A run in one line: what lists show.
///
/// Stored beside the run's journal, so that a list need not read every journal.
public struct RunSummary: Hashable, Sendable, Codable {
    /// The run's id.
    public var id: RunID
    /// The pipeline.
    public var pipeline: PipelineName
    /// The commit.
    public var commit: String
    /// Whether the work tree had uncommitted changes.
    public var isDirty: Bool
    /// The hash of the plan, by which a later command finds the run to join.
    public var plan: String
    /// Where it stands.
    public var status: RunStatus
    /// Why it was started.
    public var reason: String
    /// Who started it.
    public var by: String
    /// When it was created, in milliseconds since 1970.
    public var created: Int64
    /// When its last event was written.
    public var updated: Int64
    /// Stages done, and stages the goal needs.
    public var done: Int
    /// How many stages the goal needs.
    public var wanted: Int
    /// The first stage that failed or that nobody knows about.
    public var failed: StageName?
    /// The environments whose Change waits for a person.
    public var waiting: [EnvironmentName]

    /// Sums up a run.
    ///
    /// - Parameters:
    ///   - record: the run, with its times.
    ///   - plan: the plan's hash, which the caller keeps, since computing it takes as long as the plan is.
    public init(_ record: RunRecord, plan: String) {
        let run = record.run
        id = run.id
        pipeline = run.plan.pipeline
        commit = run.plan.source.commit
        isDirty = run.plan.source.dirty != nil
        self.plan = plan
        status = run.status
        reason = run.reason
        by = record.by
        created = record.created
        updated = record.updated
        done = run.tally.done
        wanted = run.tally.wanted
        failed = run.tally.failed + run.tally.indeterminate == 0 ? nil : run.firstTrouble
        waiting = run.waitingApprovals.map(\.change.environment)
    }
}

extension Run {
    fileprivate var firstTrouble: StageName? {
        states.firstIndex { if case .failed = $0 { true } else if case .indeterminate = $0 { true } else { false } }.map {
            plan.stages[$0].name
        }
    }
}
