public import Pipeline
import Records

extension Session {
    /// How long the stages of a run usually take, in milliseconds, from earlier runs of its pipeline; none when nobody can tell.
    ///
    /// - Parameter run: the run, which itself does not count.
    public func usualDurations(for run: Run) async -> [StageName: Int64] {
        (try? await ledger.usualDurations(of: run.plan.pipeline, apartFrom: run.id)) ?? [:]
    }

    /// Where the stages of a plan are declared; none when it has no file, as a rollback.
    ///
    /// - Parameter plan: the plan, whose pipeline is read as it was at the plan's source.
    public func declarations(of plan: Plan) async -> [StageName: SourceLocation] {
        let path = "\(Workspace.pipelines)/\(plan.pipeline).yml"
        guard let content = try? await workspace.content(path, at: plan.source) else { return [:] }
        let places = Planner.declarations(in: Planner.File(name: path, content: content))
        return Dictionary(
            uniqueKeysWithValues: plan.stages.compactMap { stage in places["stages/\(stage.name)"].map { (stage.name, $0) } })
    }

    /// The last lines that the newest attempt of a stage printed; none when nothing is kept here.
    ///
    /// - Parameters:
    ///   - stage: the stage.
    ///   - record: its run.
    ///   - count: how many lines at most.
    public func lastLines(of stage: StageName, in record: RunRecord, count: Int) -> [String] {
        let path = StageLog.path(in: logFolder, run: record.run.id, stage: stage, attempt: record.attempts(of: stage))
        let text = String(decoding: FileContent.end(of: path, atMost: 16 << 10), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).suffix(count).map(String.init)
    }
}
