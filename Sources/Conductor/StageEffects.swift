import Journal
import Pipeline

/// The real effects: performers with the tools, their output in the stage's log.
struct StageEffects: Effects {
    let tools: Tools
    let logFolder: String
    /// Brings the output to who shares the ledger; nil where nobody does, or nothing is performed.
    let carrier: LogCarrier?
    let progress: @Sendable (Progress) -> Void
    private let performers = Performers()

    init(tools: Tools, logFolder: String, carrier: LogCarrier?, progress: @escaping @Sendable (Progress) -> Void) {
        self.tools = tools
        self.logFolder = logFolder
        self.carrier = carrier
        self.progress = progress
    }

    func perform(
        _ attempt: PlannedAttempt, until end: Int64, launched: @escaping @Sendable (Launch) -> Void
    ) async -> Outcome {
        let work = work(on: attempt, until: end, launched: launched)
        let outcome = await performers.perform(attempt.stage, attempt.inputs, work)
        await work.log.close()
        return outcome
    }

    func observe(_ attempt: PlannedAttempt, until deadline: Int64) async -> Outcome {
        let work = work(on: attempt, until: .max) { _ in }
        await work.outlastSurvivors(until: deadline)
        await performers.tidy(attempt.stage, work)
        let outcome = await performers.observe(attempt.stage, attempt.inputs, work)
        await work.log.close()
        return outcome
    }

    /// What a performer is given for an attempt.
    private func work(
        on attempt: PlannedAttempt, until end: Int64, launched: @escaping @Sendable (Launch) -> Void
    ) -> Work {
        let key = attempt.key
        let path = StageLog.path(in: logFolder, run: attempt.run, stage: key.stage, attempt: key.attempt)
        let name = LogName(run: attempt.run, stage: key.stage.text, attempt: key.attempt)
        let log = StageLog(
            path: path, stage: key.stage, vault: tools.vault,
            grown: { [carrier] in carrier?.take(name, in: path, from: $0, to: $1) }, progress: progress)
        return Work(
            run: attempt.run, plan: attempt.plan, stage: key.stage, attempt: key.attempt, key: key.text(in: attempt.run),
            deadline: attempt.stage.policy.timeout, end: end, log: log, tools: tools, launched: launched)
    }

    /// What a look at the world is given that belongs to no run: nothing it says is kept.
    func work(for plan: Plan, stage: PlannedStage? = nil) -> Work {
        let name = stage?.name ?? plan.stages.first?.name ?? StageName(renaming: plan.pipeline)
        let log = StageLog(path: "/dev/null", stage: name, vault: tools.vault) { _ in }
        return Work(
            run: "", plan: plan, stage: name, attempt: 0, key: "", deadline: .minutes(2), end: .max, log: log, tools: tools,
            launched: { _ in })
    }
}

extension StageKey {
    /// The idempotency key that the attempt's effects carry.
    func text(in run: RunID) -> String { "\(run)/\(stage)/\(attempt)" }
}
