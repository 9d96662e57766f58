package import Pipeline
import Records

/// Performs one kind of stage, and can say what became of an attempt whose end nobody saw.
///
/// One performer per kind, each in its file under `Stages/`; ``Performers`` lists them.
protocol Performer: Sendable {
    associatedtype Kind: StageKind

    /// Does it. Cancelling the task ends it as soon as it can be ended in order.
    func perform(_ stage: Kind, _ inputs: Kind.Inputs, _ work: Work) async throws(StageFailure) -> Performed<Kind.Output>

    /// Looks at the world: is the stage's effect there? Changes nothing that is in use.
    ///
    /// Asked on resume for an attempt in doubt, and by `plan` for what is done already.
    func observe(_ stage: Kind, _ inputs: Kind.Inputs, _ work: Work) async throws(StageFailure) -> Observation<Kind.Output>

    /// Removes what an attempt in doubt has left beside what is in use, as far as that can be done now.
    func tidy(_ stage: Kind, _ work: Work) async
}

extension Performer {
    /// Most leave nothing.
    func tidy(_ stage: Kind, _ work: Work) async {}
}

/// What performing came to.
enum Performed<Output: Artifact>: Sendable {
    /// It is done. The events belong to the stage's environment and are saved together with the outcome.
    case done(Output, how: Completion = .performed, note: String? = nil, events: [EnvironmentEvent] = [])
    /// A person must approve this Change, which brings these commits as far as that is known.
    case waiting(Change, CommitSpan?)
    /// The approval does not cover what would be done now; nothing was done.
    case voided([String])
}

/// What looking came to.
enum Observation<Output: Artifact>: Sendable {
    /// The effect is there. The events are those that performing would have brought.
    case done(Output, note: String, events: [EnvironmentEvent] = [])
    /// There is no effect, or one that performing again completes without harm.
    case notDone(String)
    /// Looking does not tell.
    case undecided(Failure)
}

/// A failure, with what it means for the environment.
struct StageFailure: Error, Sendable {
    var failure: Failure
    var events: [EnvironmentEvent] = []

    init(_ failure: Failure, events: [EnvironmentEvent] = []) {
        self.failure = failure
        self.events = events
    }

    init(_ code: String, _ message: String, remedy: String? = nil, isPassing: Bool = false) {
        self.init(Failure(code: code, message: message, remedy: remedy, isPassing: isPassing))
    }

    /// The ledger has no answer, which may pass.
    init(ledger error: LedgerError) {
        self.init("ledger-failed", error.description, isPassing: true)
    }
}

/// The outcome of an attempt, of whichever kind: what the Conductor journals.
package enum Outcome: Sendable {
    /// It is done. The events belong to the stage's environment and are saved together with the outcome.
    case succeeded(ArtifactValue?, how: Completion, note: String?, events: [EnvironmentEvent])
    /// A person must approve this Change, which brings these commits as far as that is known.
    case waiting(Change, CommitSpan?)
    /// The approval does not cover what would be done now; nothing was done.
    case voided([String])
    /// It failed.
    case failed(Failure, events: [EnvironmentEvent])
    /// A look showed no effect: it may be made again.
    case notDone(String)
    /// A look could not decide.
    case undecided(Failure)
}

/// The performers, one per kind.
struct Performers: Sendable {
    private let all: [any Performer] = [
        BuildPerformer(), MigratePerformer(), DeployPerformer(), VerifyPerformer(), ApprovePerformer(), CommandPerformer(),
    ]

    /// Performs a stage.
    func perform(_ stage: PlannedStage, _ inputs: InputValues, _ work: Work) async -> Outcome {
        await dispatch(stage) { performer, kind in await Self.perform(performer, kind, inputs, work) }
    }

    /// Looks what became of a stage.
    func observe(_ stage: PlannedStage, _ inputs: InputValues, _ work: Work) async -> Outcome {
        await dispatch(stage) { performer, kind in await Self.observe(performer, kind, inputs, work) }
    }

    /// Removes what an attempt in doubt has left beside what is in use, as far as that can be done now.
    func tidy(_ stage: PlannedStage, _ work: Work) async {
        for performer in all { await Self.tidy(performer, stage.kind.value, work) }
    }

    private static func tidy<P: Performer>(_ performer: P, _ kind: any StageKind, _ work: Work) async {
        if let stage = kind as? P.Kind { await performer.tidy(stage, work) }
    }

    private func dispatch(
        _ stage: PlannedStage, _ body: (any Performer, any StageKind) async -> Outcome?
    ) async -> Outcome {
        for performer in all {
            if let outcome = await body(performer, stage.kind.value) { return outcome }
        }
        return .failed(
            Failure(code: "unknown-kind", message: "This shipit cannot perform '\(stage.kind.keyword)' stages."), events: [])
    }

    private static func perform<P: Performer>(
        _ performer: P, _ kind: any StageKind, _ inputs: InputValues, _ work: Work
    ) async -> Outcome? {
        guard let stage = kind as? P.Kind else { return nil }
        do {
            switch try await performer.perform(stage, try P.Kind.Inputs(filling: inputs), work) {
            case .done(let output, let how, let note, let events):
                return .succeeded(output.value, how: how, note: note, events: events)
            case .waiting(let change, let commits): return .waiting(change, commits)
            case .voided(let differences): return .voided(differences)
            }
        } catch {
            return failed(error)
        }
    }

    private static func observe<P: Performer>(
        _ performer: P, _ kind: any StageKind, _ inputs: InputValues, _ work: Work
    ) async -> Outcome? {
        guard let stage = kind as? P.Kind else { return nil }
        do {
            switch try await performer.observe(stage, try P.Kind.Inputs(filling: inputs), work) {
            case .done(let output, let note, let events):
                return .succeeded(output.value, how: .observed, note: note, events: events)
            case .notDone(let note): return .notDone(note)
            case .undecided(let failure): return .undecided(failure)
            }
        } catch {
            return failed(error)
        }
    }

    private static func failed(_ error: any Error) -> Outcome {
        if let failure = error as? StageFailure { return .failed(failure.failure, events: failure.events) }
        return .failed(Failure(code: "defect", message: "\(error)"), events: [])
    }
}
