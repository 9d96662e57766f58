public import Hashing

/// Something that happened in a run and is worth telling people who are not watching it.
///
/// It follows from an event and the run after it. Whoever writes the event tells of it, so that nothing is told twice: a run that is
/// taken up again and still waits was announced by whoever found it waiting.
public struct Announcement: Hashable, Sendable {
    /// What happened.
    public enum News: Hashable, Sendable {
        /// A Change, by its hash, waits for approval.
        case waiting(change: SHA256Sum)
        /// A stage failed for good.
        case failed(Failure)
        /// Nobody can tell what became of a stage.
        case undecided(Failure)
        /// An environment runs a new release, which works.
        case deployed
        /// An environment was taken back from the release of a commit to an earlier one, which works; nil where nobody knows.
        case rolledBack(from: String?, hold: Hold?)
    }

    /// What happened.
    public var news: News
    /// The project's name.
    public var project: Name<Project>
    /// Where its page is.
    public var page: String?
    /// The run.
    public var run: RunID
    /// What the run does.
    public var pipeline: PipelineName
    /// Why the run was started, in words.
    public var reason: String
    /// The commit that the run ships.
    public var commit: String
    /// The stage that it happened at.
    public var stage: StageName
    /// Which attempt of the stage it was, from 1.
    public var attempt: Int
    /// The environment that the stage is about; nil where it is about none.
    public var environment: EnvironmentName?
    /// The environments that it matters to: the stage's own, else all that the run was to reach.
    public var concerned: Set<EnvironmentName>
    /// Who made it happen.
    public var by: String
    /// When, in milliseconds since 1970.
    public var at: Int64
    /// Whether nothing happened, and it is only to be seen whether it arrives.
    public var isTrial = false

    /// What an event tells people; nil for what only matters to whoever watches.
    ///
    /// A failure that is tried again by itself is none yet. What was found done already is no news.
    /// - Parameters:
    ///   - stamped: an event that was saved just now, by whoever asks.
    ///   - record: the run after it.
    public init?(of stamped: Stamped<RunEvent>, in record: RunRecord) {
        let run = record.run
        switch stamped.event {
        case .approvalRequested(let stage, let attempt, let change, _):
            self.init(.waiting(change: change.sum), at: stage, attempt, stamped, run)
        case .failed(let stage, let attempt, let failure, _):
            guard case .failed? = run.state(of: stage) else { return nil }
            self.init(.failed(failure), at: stage, attempt, stamped, run)
        case .undecided(let stage, let attempt, let failure):
            self.init(.undecided(failure), at: stage, attempt, stamped, run)
        case .succeeded(let stage, let attempt, _, let how, _):
            guard how != .reused, let kind = run.stage(stage)?.kind.value, kind is Verify || kind is Deploy,
                let environment = kind.environment, run.plan.destination(of: environment) == stage
            else { return nil }
            let isRollback = run.plan.stages.contains { ($0.kind.value as? Deploy)?.restoring != nil }
            self.init(isRollback ? .rolledBack(from: nil, hold: nil) : .deployed, at: stage, attempt, stamped, run)
        default: return nil
        }
    }

    private init(_ news: News, at stage: StageName, _ attempt: Int, _ stamped: Stamped<RunEvent>, _ run: Run) {
        let own = run.stage(stage)?.kind.value.environment
        self.news = news
        project = run.plan.project.name
        page = run.plan.project.page
        self.run = run.id
        pipeline = run.plan.pipeline
        reason = run.reason
        commit = run.plan.source.commit
        self.stage = stage
        self.attempt = attempt
        environment = own
        let reached = run.plan.stages.filter { run.isWanted($0.name) }.compactMap(\.kind.value.environment)
        concerned = own.map { [$0] } ?? Set(reached)
        by = stamped.by
        at = stamped.at
    }

    /// What would be told on an occasion, about nothing that happened.
    ///
    /// - Parameters:
    ///   - occasion: what it looks like.
    ///   - project: whose it is; it concerns all environments.
    ///   - run: an id that no run has.
    ///   - by: who tries.
    ///   - at: when, in milliseconds since 1970.
    public init(trying occasion: Recipient.Occasion, in project: Project, run: RunID, by: String, at: Int64) {
        switch occasion {
        case .waiting: news = .waiting(change: .zero)
        case .failed: news = .failed(Failure(code: "trial", message: "Nothing failed."))
        case .rolledBack: news = .rolledBack(from: nil, hold: nil)
        case .deployed: news = .deployed
        }
        self.project = project.name
        page = project.page
        self.run = run
        pipeline = project.pipeline
        reason = "to see whether this arrives"
        commit = String(repeating: "0", count: 40)
        stage = StageName(literal: "trial")
        attempt = 1
        environment = nil
        concerned = Set(project.environments.keys)
        self.by = by
        self.at = at
        isTrial = true
    }

    /// What it is called, in words for programs that are the same for ever.
    public var type: String {
        guard !isTrial else { return "trial" }
        return switch news {
        case .waiting: "approval.waiting"
        case .failed: "stage.failed"
        case .undecided: "stage.indeterminate"
        case .deployed: "environment.deployed"
        case .rolledBack: "environment.rolled_back"
        }
    }

    /// The same for every telling of the same event, so that whoever is told twice can drop one.
    public var id: String { "\(run)/\(stage)/\(attempt)/\(type)" }

    /// On which occasion it is told.
    public var occasion: Recipient.Occasion {
        switch news {
        case .waiting: .waiting
        case .failed, .undecided: .failed
        case .deployed: .deployed
        case .rolledBack: .rolledBack
        }
    }

    /// What failed; nil where nothing did.
    public var failure: Failure? {
        switch news {
        case .failed(let failure), .undecided(let failure): failure
        case .waiting, .deployed, .rolledBack: nil
        }
    }

    /// The announcement with `redact` applied to all that others have written.
    public func redacted(_ redact: (String) -> String) -> Announcement {
        func without(_ failure: Failure) -> Failure {
            var failure = failure
            failure.message = redact(failure.message)
            failure.remedy = failure.remedy.map(redact)
            return failure
        }
        var clean = self
        clean.reason = redact(reason)
        clean.by = redact(by)
        switch news {
        case .failed(let failure): clean.news = .failed(without(failure))
        case .undecided(let failure): clean.news = .undecided(without(failure))
        case .rolledBack(let from, let hold):
            clean.news = .rolledBack(from: from, hold: hold.map { Hold(reason: redact($0.reason), by: redact($0.by), at: $0.at) })
        case .waiting, .deployed: break
        }
        return clean
    }
}

extension Recipient {
    /// Whether they want to be told of it.
    public func wants(_ announcement: Announcement) -> Bool {
        guard occasions.contains(announcement.occasion) else { return false }
        return environments.map { !announcement.concerned.isDisjoint(with: $0) } ?? true
    }
}
