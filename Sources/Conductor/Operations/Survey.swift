public import Pipeline

/// What a plan would find: for each stage, what is done already and what would be done.
public struct Survey: Sendable {
    /// A stage as it would go.
    public struct Finding: Hashable, Sendable, Codable {
        /// The stage.
        public var stage: StageName
        /// Whether nothing is left to do.
        public var isDone: Bool
        /// What was found, in a few words; nil when there is nothing to look at before.
        public var note: String?
        /// Why more is not known, in whole sentences; nil where all is.
        public var trouble: String?
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
            let held = state.hold.map { "; held: \($0.reason)" } ?? ""
            let (note, trouble) = await note(on: deploy.target, running: state.current?.release, images, plan)
            findings[stage.name] = Survey.Finding(stage: stage.name, isDone: false, note: note + held, trouble: trouble)
        }
        return Survey(findings: plan.stages.map { findings[$0.name] ?? Survey.Finding(stage: $0.name, isDone: false, note: nil) })
    }

    /// What an environment runs, and what of it a deploy would change.
    private func note(
        on environment: EnvironmentName, running: Release?, _ images: [ServiceName: Image], _ plan: Plan
    ) async -> (note: String, trouble: String?) {
        guard let running else { return ("nothing runs yet", nil) }
        let runs = "runs \(running.source.commit.prefix(12))"
        let reader = ChangeReader(work: effects.work(for: plan))
        let change: Change
        do throws(StageFailure) {
            change = try await reader.change(of: environment, images: images, schema: nil)
        } catch {
            return ("\(runs); \(error.failure.unknown)", error.failure.message)
        }
        let unbuilt = plan.project.services.keys.filter { images[$0] == nil }
        let parts = change.parts(unlike: running.change, butFor: Set(unbuilt)) + unbuilt.sorted().map { "image of \($0)" }
        return (parts.isEmpty ? "\(runs), which is the same" : "\(runs); to change: \(parts.joined(separator: ", "))", nil)
    }

    static func look(_ stage: PlannedStage, _ work: Work) async -> (
        stage: StageName, finding: Survey.Finding, artifact: ArtifactValue?
    ) {
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
                return (stage.name, Survey.Finding(of: stage.name, error.failure), nil)
            }
        }
        switch await Performers().observe(stage, InputValues([:]), work) {
        case .succeeded(let artifact, _, let note, _):
            return (stage.name, Survey.Finding(stage: stage.name, isDone: true, note: note), artifact)
        case .notDone(let note):
            return (stage.name, Survey.Finding(stage: stage.name, isDone: false, note: note), nil)
        case .failed(let failure, _), .undecided(let failure):
            return (stage.name, Survey.Finding(of: stage.name, failure), nil)
        case .waiting, .voided:
            return (stage.name, Survey.Finding(stage: stage.name, isDone: false, note: nil), nil)
        }
    }
}

extension Survey.Finding {
    /// A stage of which nobody can tell whether it is done.
    fileprivate init(of stage: StageName, _ failure: Failure) {
        self.init(stage: stage, isDone: false, note: failure.unknown, trouble: failure.message)
    }
}

extension Failure {
    /// That something is not known, as short as a cell of a table wants it; what happened is in the message.
    fileprivate var unknown: String {
        switch code {
        case "registry-failed": "not known: the registry could not be asked"
        case "database-failed": "not known: the database could not be asked"
        default: "not known: \(code)"
        }
    }
}
