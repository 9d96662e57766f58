/// Turns files into plans: the only way a ``Plan`` for a pipeline is made, so that every plan has been checked.
public enum Planner {
    /// A file's content under the name diagnostics give it.
    public struct File: Sendable {
        /// The name, usually relative to the repository's root.
        public var name: String
        /// The bytes as they are.
        public var content: [UInt8]

        /// A file.
        public init(name: String, content: [UInt8]) {
            self.name = name
            self.content = content
        }
    }

    /// Reads and checks project and pipeline and plans a run of `source`.
    ///
    /// Pure: no process starts, nothing is asked of the world.
    /// - Throws: every mistake in both files at once.
    public static func plan(project: File, pipeline: File, named name: PipelineName, source: Source) throws(DefinitionError)
        -> Plan
    {
        let collector = DiagnosticCollector()
        let read = Project.read(project.content, file: project.name, reporting: collector)
        guard let read else { throw DefinitionError(collector.diagnostics) }
        let definition = PipelineDefinition.read(
            pipeline.content, file: pipeline.name, name: name, project: read, reporting: collector)
        return try plan(definition, of: read, named: name, source: source, reporting: collector)
    }

    /// Checks stages that are declared in Swift and plans a run of `source`.
    ///
    /// The plan has the same hash as that of a file with the same stages in the same order.
    /// - Throws: every mistake at once, each where it stands in Swift.
    public static func plan(
        _ stages: Stages, of project: Project, named name: PipelineName, source: Source
    ) throws(DefinitionError) -> Plan {
        let collector = DiagnosticCollector()
        let root = stages.root(reporting: collector)
        let definition = PipelineDefinition.read(root, name: name, project: project, reporting: collector)
        return try plan(definition, of: project, named: name, source: source, reporting: collector)
    }

    private static func plan(
        _ definition: PipelineDefinition?, of project: Project, named name: PipelineName, source: Source,
        reporting collector: DiagnosticCollector
    ) throws(DefinitionError) -> Plan {
        let stages = definition.flatMap { Checker(project: project, definition: $0, collector: collector).check() }
        guard collector.isEmpty, let stages else { throw DefinitionError(collector.diagnostics) }
        return Plan(pipeline: name, project: project, source: source, stages: stages)
    }

    /// Checks the project and all its pipelines together, and that every service and environment is used by one.
    ///
    /// - Returns: the diagnostics, none when all is well.
    public static func check(project: File, pipelines: [(name: PipelineName, file: File)]) -> [Diagnostic] {
        let collector = DiagnosticCollector()
        guard let read = Project.read(project.content, file: project.name, reporting: collector) else {
            return DefinitionError(collector.diagnostics).diagnostics
        }
        var usedServices: Set<ServiceName> = []
        var usedEnvironments: Set<EnvironmentName> = []
        var isComplete = true
        for (name, file) in pipelines {
            guard
                let definition = PipelineDefinition.read(
                    file.content, file: file.name, name: name, project: read, reporting: collector)
            else {
                isComplete = false
                continue
            }
            for stage in definition.stages {
                if let build = stage.kind.value as? Build { usedServices.insert(build.service) }
                if let environment = stage.kind.value.environment { usedEnvironments.insert(environment) }
            }
            _ = Checker(project: read, definition: definition, collector: collector).check()
        }
        // Where a pipeline could not be read, nobody knows what it uses.
        if isComplete, collector.isEmpty, !pipelines.isEmpty {
            let start = SourceLocation(file: project.name, line: 1, column: 1)
            let places = Self.declarations(in: project)
            for service in read.services.keys.sorted() where !usedServices.contains(service) {
                collector.report(
                    .unusedName, at: places["services/\(service)"] ?? start, "no pipeline builds service '\(service)'",
                    offending: service.text,
                    remedy: "add a stage 'build-\(service): {build: \(service)}', or remove the service")
            }
            for environment in read.environments.keys.sorted() where !usedEnvironments.contains(environment) {
                collector.report(
                    .unusedName, at: places["environments/\(environment)"] ?? start,
                    "no pipeline uses environment '\(environment)'",
                    offending: environment.text,
                    remedy: "add a stage 'deploy-\(environment): {deploy: \(environment)}', or remove it")
            }
        }
        return DefinitionError(collector.diagnostics).diagnostics
    }

    /// Where each service, environment or stage is declared, by `services/NAME`; none of a file that cannot be read.
    ///
    /// - Parameter file: a project or a pipeline.
    public static func declarations(in file: File) -> [String: SourceLocation] {
        var places: [String: SourceLocation] = [:]
        let document = YAMLDocument(file.content, file: file.name, reporting: DiagnosticCollector())
        guard case .mapping(let top)? = document?.root?.value else { return [:] }
        for section in top {
            guard case .mapping(let entries) = section.value.value else { continue }
            for entry in entries { places["\(section.key)/\(entry.key)"] = entry.keyLocation }
        }
        return places
    }
}

extension Plan {
    /// The name of the pipeline that a rollback runs; it has no file.
    static let rollbackPipeline = PipelineName(literal: "rollback")

    /// A plan without stages: the project as it is known at a source, for looking at the world.
    public static func look(at project: Project, source: Source) -> Plan {
        Plan(pipeline: PipelineName(literal: "look"), project: project, source: source, stages: [])
    }

    /// The plan of a rollback: make `environment` run an earlier release again, then prove it.
    public static func rollback(of environment: EnvironmentName, to release: Release, in project: Project) -> Plan? {
        guard let deploy = StageName("rollback-\(environment)"), let verify = StageName("verify-\(environment)") else {
            return nil
        }
        let stages = [
            PlannedStage(
                name: deploy, kind: AnyStageKind(Deploy(environment: environment, restoring: release.id)), inputs: [:], needs: [],
                policy: Deploy.policy),
            PlannedStage(
                name: verify, kind: AnyStageKind(Verify(environment: environment)), inputs: ["release": deploy], needs: [],
                policy: Verify.policy),
        ]
        return Plan(pipeline: rollbackPipeline, project: project, source: release.source, stages: stages)
    }

    /// The path that bounds the run's duration, by stage name.
    ///
    /// `weight` is a stage's expected duration; by default each counts one.
    public func criticalPath(weight: (PlannedStage) -> Int64 = { _ in 1 }) -> [StageName] {
        let predecessors = Edges(of: self).predecessors
        return Graph.criticalPath(order: Array(stages.indices), predecessors: predecessors) { weight(stages[$0]) }.map {
            stages[$0].name
        }
    }
}
