import Hashing
import Pipeline

/// The events of one sample run, stage by stage.
struct Story {
    let plan: Plan
    let id: RunID
    let person: String
    let novelty: SampleLedger.Novelty
    var clock: Int64

    /// What a stage's end adds.
    struct Outcome {
        var events: [Stamped<RunEvent>] = []
        var environment: [Stamped<EnvironmentEvent>] = []
        /// Whether the run goes no further.
        var isLast = false
    }

    mutating func start(_ stage: PlannedStage) -> Stamped<RunEvent> {
        clock += 140
        let driver = Driver(id: "d-\(id)", host: "laptop", pid: 4711, started: "1")
        return stamped(
            .started(stage: stage.name, attempt: 1, key: "\(id)/\(stage.name)/1", driver: driver, deadline: stage.policy.timeout))
    }

    mutating func end(
        _ stage: PlannedStage, _ ending: SampleLedger.Ending, images: [ServiceName: String]
    ) throws -> Outcome {
        clock += 2_300 + Int64(stage.name.text.utf8.count) * 310
        switch (ending, stage.kind.value) {
        case (.running(stage.name), _):
            return Outcome(isLast: true)
        case (.failed(stage.name), _):
            let failure = Failure(
                code: "unhealthy", message: "The candidate of api did not get healthy within 1 minute: /health answered 503.",
                remedy: "Look at its output with 'shipit logs \(id) \(stage.name)'; the release before keeps serving.")
            return Outcome(
                events: [stamped(.failed(stage: stage.name, attempt: 1, failure: failure, jitter: 0))], isLast: true)
        case (_, let approve as Approve):
            return end(approve, of: stage, ending, images)
        case (_, let kind):
            return succeed(stage, kind, images)
        }
    }

    private mutating func end(
        _ approve: Approve, of stage: PlannedStage, _ ending: SampleLedger.Ending, _ images: [ServiceName: String]
    ) -> Outcome {
        let change = change(for: approve.environment ?? fallback, images)
        var outcome = Outcome(
            events: [stamped(.approvalRequested(stage: stage.name, attempt: 1, change: change, commits: commits))])
        if case .waiting = ending { return Outcome(events: outcome.events, isLast: true) }
        clock += 95_000
        outcome.events.append(stamped(.approved(stage: stage.name, change: change.sum, comment: nil)))
        return outcome
    }

    private func succeed(_ stage: PlannedStage, _ kind: any StageKind, _ images: [ServiceName: String]) -> Outcome {
        var outcome = Outcome()
        var artifact: ArtifactValue?
        switch kind {
        case let build as Build:
            let image = Image(
                service: build.service, name: plan.project.image(of: build.service),
                digest: "sha256:" + SHA256Sum(of: Array("\(plan.source.commit)/\(build.service)".utf8)).hex, tag: plan.source.tag)
            artifact = image.value
        case let migrate as Migrate:
            artifact =
                Schema(
                    environment: migrate.environment ?? fallback, version: novelty.migrations.last?.version,
                    applied: novelty.isApplied ? novelty.migrations.map(\.version) : []
                ).value
        case let deploy as Deploy:
            let environment = deploy.environment ?? fallback
            let release = Release(
                id: id, change: change(for: environment, images), source: plan.source, by: person, at: clock,
                committed: committed, manifest: "services: {}\n")
            artifact = ReleaseReference(environment: environment, release: id).value
            outcome.environment = [Stamped(.released(release), at: clock, by: person)]
        case is Verify:
            outcome.environment = [Stamped(.verified(id, run: id), at: clock, by: person)]
        default: break
        }
        outcome.events = [
            stamped(.succeeded(stage: stage.name, attempt: 1, artifact: artifact, how: .performed, note: nil))
        ]
        return outcome
    }

    /// When the commit was made: an hour before.
    private var committed: Int64 { clock - 3_600_000 }

    /// What the commit brings, which is said to be two.
    private var commits: CommitSpan {
        let (before, between) = (sum("before"), sum("between"))
        return CommitSpan(
            from: before,
            brought: [
                CommitLine(
                    commit: plan.source.commit, subject: "Orders can be paid by invoice", author: "Anna Larsen",
                    committed: committed),
                CommitLine(
                    commit: between, subject: "The basket keeps what was in it", author: "Bo Chen", committed: committed - 60_000),
            ], dropped: [])
    }

    private func sum(_ word: String) -> String {
        String(SHA256Sum(of: Array("\(plan.source.commit)/\(word)".utf8)).hex.prefix(40))
    }

    private var fallback: EnvironmentName { plan.project.environments.keys.sorted()[0] }

    private func change(for environment: EnvironmentName, _ images: [ServiceName: String]) -> Change {
        let settings = plan.project.environments[environment]
        return Change(
            environment: environment, images: images, schema: SchemaChange(from: nil, pending: novelty.migrations),
            manifest: SHA256Sum(of: Array("compose".utf8)),
            values: (settings?.values ?? [:]).merging(novelty.values.mapValues(ConfigValue.init(literal:))) { $1 },
            target: settings?.target ?? plan.project.environments.values.map(\.target)[0],
            policy: settings?.approval ?? .required)
    }

    private func stamped(_ event: RunEvent) -> Stamped<RunEvent> { Stamped(event, at: clock, by: person) }
}
