import Pipeline

extension Engine {
    /// What a performer is given for an attempt.
    func work(on key: StageKey, of run: Run, stage: PlannedStage) -> Work {
        let log = StageLog(
            path: StageLog.path(in: logFolder, run: run.id, stage: key.stage, attempt: key.attempt), stage: key.stage,
            vault: tools.vault,
            progress: progress)
        return Work(
            run: run.id, plan: run.plan, stage: key.stage, attempt: key.attempt, key: "\(run.id)/\(key.stage)/\(key.attempt)",
            deadline: stage.policy.timeout, log: log, tools: tools)
    }

    /// What a look at the world is given that belongs to no run: nothing it says is kept.
    func work(for plan: Plan, stage: PlannedStage? = nil) -> Work {
        let name = stage?.name ?? plan.stages.first?.name ?? StageName(renaming: plan.pipeline)
        let log = StageLog(path: "/dev/null", stage: name, vault: tools.vault) { _ in }
        return Work(
            run: "", plan: plan, stage: name, attempt: 0, key: "", deadline: .minutes(2), log: log, tools: tools)
    }
}
