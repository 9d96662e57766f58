import FixtureFiles
import Hashing

@testable import Pipeline

/// Values that many tests need.
enum Samples {
    static let commit = "0123456789abcdef0123456789abcdef01234567"
    static let source = Source(commit: commit)
    static let driver = Driver(id: "d1", host: "build-1", pid: 4711, started: "1000")
    static let production = EnvironmentName(literal: "production")

    /// The files of `Fixtures/good`.
    static func good() throws -> (project: Planner.File, pipeline: Planner.File) {
        (
            Planner.File(name: "project.yml", content: try Fixtures.bytes("good/project.yml")),
            Planner.File(name: "release.yml", content: try Fixtures.bytes("good/release.yml"))
        )
    }

    static func goodPlan() throws -> Plan {
        let (project, pipeline) = try good()
        return try Planner.plan(project: project, pipeline: pipeline, named: PipelineName(literal: "release"), source: source)
    }

    /// A project with nothing in it, for plans of `run` stages.
    static let emptyProject = Project(
        name: Name(literal: "shop"), registry: "ghcr.io/acme/shop", releaseBranch: "main",
        pipeline: PipelineName(literal: "release"),
        credentials: nil, services: [:], environments: [:])

    /// A plan of stages `s0`, `s1`, …, each after the ones given; those in `approvals` wait for a person.
    static func plan(
        predecessors: [[Int]], approvals: Set<Int> = [], consuming: Set<Int> = [], policy: StagePolicy = RunCommand.policy
    ) -> Plan {
        let stages = predecessors.enumerated().map { number, before in
            PlannedStage(
                name: stage(number),
                kind: approvals.contains(number)
                    ? AnyStageKind(Approve(environment: production)) : AnyStageKind(RunCommand(command: ["true"])),
                inputs: consuming.contains(number)
                    ? Dictionary(uniqueKeysWithValues: before.map { ("port-\($0)", stage($0)) }) : [:],
                needs: consuming.contains(number) ? [] : before.map(stage), policy: policy)
        }
        return Plan(pipeline: PipelineName(literal: "release"), project: emptyProject, source: source, stages: stages)
    }

    static func stage(_ number: Int) -> StageName { name("s\(number)") }

    static func name<Subject>(_ text: String) -> Name<Subject> {
        Name(text) ?? Name(literal: "not-a-name")
    }

    static func sum(_ text: String) -> SHA256Sum { SHA256Sum(of: text) }

    static func image(_ service: String, _ content: String = "1") -> String {
        "ghcr.io/acme/shop/\(service)@sha256:\(sum(service + content).hex)"
    }

    static func mark(_ version: String, compatible: Bool = false) -> MigrationMark {
        MigrationMark(version: version, file: "\(version)_change.sql", sum: sum(version), isCompatible: compatible)
    }

    /// A Change of production.
    static func change(api: String = "1", pending: [MigrationMark] = [mark("2")]) -> Change {
        Change(
            environment: production,
            images: [name("api"): image("api", api), name("web"): image("web")],
            schema: SchemaChange(from: "1", pending: pending), manifest: sum("compose"),
            values: ["LOG_LEVEL": ConfigValue(literal: "info")],
            target: .compose(ComposeTarget(file: "compose.yaml", project: "shop-production", healthyWithin: .seconds(60))),
            policy: .required)
    }

    static func release(_ id: ReleaseID, api: String = "1", commit: String = commit, restores: ReleaseID? = nil) -> Release {
        Release(
            id: id, change: change(api: api), source: Source(commit: commit), by: "ada", at: 1_700_000_000_000,
            manifest: "services: {}\n", restores: restores)
    }
}

extension RunEvent {
    static func start(_ stage: StageName, _ attempt: Int = 1) -> RunEvent {
        .started(
            stage: stage, attempt: attempt, key: "r/\(stage)/\(attempt)", driver: Samples.driver, deadline: .minutes(10))
    }

    static func success(_ stage: StageName, _ attempt: Int = 1, artifact: ArtifactValue? = nil) -> RunEvent {
        .succeeded(stage: stage, attempt: attempt, artifact: artifact, how: .performed, note: nil)
    }

    static func failure(_ stage: StageName, _ attempt: Int = 1, passing: Bool = false) -> RunEvent {
        .failed(
            stage: stage, attempt: attempt, failure: Failure(code: "broken", message: "It broke.", isPassing: passing),
            jitter: 500)
    }
}
