import Pipeline

/// The real effects: performers with the tools, their output in the stage's log.
struct StageEffects: Effects {
    let tools: Tools
    let logFolder: String
    let progress: @Sendable (Progress) -> Void
    private let performers = Performers()

    init(tools: Tools, logFolder: String, progress: @escaping @Sendable (Progress) -> Void) {
        self.tools = tools
        self.logFolder = logFolder
        self.progress = progress
    }

    func perform(
        _ key: StageKey, of run: Run, _ stage: PlannedStage, until end: Int64, launched: @escaping @Sendable (Launch) -> Void
    ) async -> Outcome {
        let work = work(on: key, of: run, stage, until: end, launched: launched)
        let outcome = await performers.perform(stage, run.inputs(of: stage), work)
        await work.log.close()
        return outcome
    }

    func observe(_ key: StageKey, of run: Run, _ stage: PlannedStage, until deadline: Int64) async -> Outcome {
        let work = work(on: key, of: run, stage, until: .max) { _ in }
        await work.outlastSurvivors(until: deadline)
        let outcome = await performers.observe(stage, run.inputs(of: stage), work)
        await work.log.close()
        return outcome
    }

    /// What a performer is given for an attempt.
    private func work(
        on key: StageKey, of run: Run, _ stage: PlannedStage, until end: Int64, launched: @escaping @Sendable (Launch) -> Void
    ) -> Work {
        let log = StageLog(
            path: StageLog.path(in: logFolder, run: run.id, stage: key.stage, attempt: key.attempt), stage: key.stage,
            vault: tools.vault, progress: progress)
        return Work(
            run: run.id, plan: run.plan, stage: key.stage, attempt: key.attempt, key: key.text(in: run.id),
            deadline: stage.policy.timeout, end: end, log: log, tools: tools, launched: launched)
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
