public import Pipeline

/// What a plan would find: for each stage, what is done already and what would be done.
public struct Survey: Sendable {
    /// A stage as it would go.
    public struct Finding: Hashable, Sendable, Codable {
        /// The stage.
        public var stage: StageName
        /// Whether nothing is left to do.
        public var isDone: Bool
        /// What was found, in words; nil when there is nothing to look at before.
        public var note: String?
        /// The migrations that would be applied.
        public var migrations: [MigrationMark] = []
    }

    /// A finding per stage, in the plan's order.
    public var findings: [Finding]
}

extension Session {
    /// Looks at the world for every stage of a plan that leaves a trace there.
    ///
    /// Changes nothing; what cannot be asked says so.
    public func survey(_ plan: Plan) async -> Survey {
        var images: [ServiceName: Image] = [:]
        var findings: [StageName: Survey.Finding] = [:]
        // Builds and migrations are asked at once; deploys are compared with what was found.
        await withTaskGroup(of: (StageName, Survey.Finding, ArtifactValue?).self) { group in
            for stage in plan.stages where stage.kind.value is Build || stage.kind.value is Migrate {
                let work = effects.work(for: plan, stage: stage)
                group.addTask { await Self.look(stage, work) }
            }
            for await (name, finding, artifact) in group {
                findings[name] = finding
                if case .image(let image)? = artifact { images[image.service] = image }
            }
        }
        for stage in plan.stages {
            guard let deploy = stage.kind.value as? Deploy, let state = try? await state(of: deploy.target) else { continue }
            let wanted = images.mapValues(\.reference)
            let isSame = wanted.count == plan.project.services.count && state.current?.release.change.images == wanted
            let current = state.current.map { "runs \($0.release.source.commit.prefix(12))" } ?? "nothing runs yet"
            let held = state.hold.map { "; held: \($0.reason)" } ?? ""
            findings[stage.name] = Survey.Finding(
                stage: stage.name, isDone: false, note: (isSame ? "runs these images already" : current) + held)
        }
        return Survey(findings: plan.stages.map { findings[$0.name] ?? Survey.Finding(stage: $0.name, isDone: false, note: nil) })
    }

    private static func look(_ stage: PlannedStage, _ work: Work) async -> (StageName, Survey.Finding, ArtifactValue?) {
        if let migrate = stage.kind.value as? Migrate, let database = work.project.environments[migrate.target]?.database {
            do throws(StageFailure) {
                let migrations = try await work.tools.workspace.migrations(in: database.migrations, at: work.plan.source)
                let change = try await MigrationTable.open(database, for: migrate.target, work) { table throws(StageFailure) in
                    try await table.change(for: migrations)
                }
                let note = change.pending.isEmpty ? "nothing pending" : "\(change.pending.count) pending"
                return (
                    stage.name,
                    Survey.Finding(stage: stage.name, isDone: change.pending.isEmpty, note: note, migrations: change.pending), nil
                )
            } catch {
                return (
                    stage.name, Survey.Finding(stage: stage.name, isDone: false, note: "not known: \(error.failure.message)"), nil
                )
            }
        }
        switch await Performers().observe(stage, InputValues([:]), work) {
        case .succeeded(let artifact, _, let note, _):
            return (stage.name, Survey.Finding(stage: stage.name, isDone: true, note: note), artifact)
        case .notDone(let note):
            return (stage.name, Survey.Finding(stage: stage.name, isDone: false, note: note), nil)
        case .failed(let failure, _), .undecided(let failure):
            return (stage.name, Survey.Finding(stage: stage.name, isDone: false, note: "not known: \(failure.message)"), nil)
        case .waiting, .voided:
            return (stage.name, Survey.Finding(stage: stage.name, isDone: false, note: nil), nil)
        }
    }
}
