import Conductor
import Hashing
import Pipeline
import Records
import Testing

@testable import shipit

/// A run as it is told to whoever watches: a pipeline, and what happens in it at which moment.
struct Story {
    private(set) var record: RunRecord
    private var told: [Progress] = []
    private static let driver = Driver(id: "d", host: "h", pid: 1, started: "s")

    /// - Parameter stages: the YAML below `stages:`.
    init(_ stages: String, goal: [String] = []) throws {
        let project = """
            name: shop
            registry: localhost:1/shop
            pipeline: work
            services: {}
            environments: {production: {target: {compose: {file: compose.yaml, project: shop}}, approval: required}}
            """
        let body = "stages:\n" + stages.split(separator: "\n").map { "  \($0)\n" }.joined()
        let plan = try Planner.plan(
            project: Planner.File(name: "pipelines/project.yml", content: Array(project.utf8)),
            pipeline: Planner.File(name: "pipelines/work.yml", content: Array(body.utf8)),
            named: try #require(PipelineName("work")), source: Source(commit: String(repeating: "a", count: 40)))
        let names = goal.isEmpty ? plan.stages.map(\.name) : goal.compactMap { StageName($0) }
        let first = Stamped(
            RunEvent.created(id: "1ryh578ztb", plan: plan, goal: names, reason: "deploy staging"), at: 0, by: "tester")
        record = try RunRecord(first)
        told.append(.event(first, record))
    }

    /// What has been told since this was asked last.
    mutating func take() -> [Progress] {
        defer { told = [] }
        return told
    }

    mutating func happen(_ event: RunEvent, at time: Int64) throws {
        let stamped = Stamped(event, at: time, by: "tester")
        try record.apply(stamped)
        told.append(.event(stamped, record))
    }

    mutating func start(_ stage: String, at time: Int64) throws {
        let name = try #require(StageName(stage))
        let attempt = record.attempts(of: name) + 1
        try happen(
            .started(stage: name, attempt: attempt, key: "", driver: Self.driver, deadline: .minutes(10)), at: time)
    }

    mutating func succeed(_ stage: String, at time: Int64) throws {
        let name = try #require(StageName(stage))
        try happen(
            .succeeded(stage: name, attempt: record.attempts(of: name), artifact: nil, how: .performed, note: nil), at: time)
    }

    mutating func fail(_ stage: String, _ message: String, remedy: String? = nil, at time: Int64) throws {
        let name = try #require(StageName(stage))
        let failure = Failure(code: "command-failed", message: message, remedy: remedy)
        try happen(.failed(stage: name, attempt: record.attempts(of: name), failure: failure, jitter: 0), at: time)
    }

    /// A change of nothing in production.
    func change() throws -> Change {
        let name = try #require(EnvironmentName("production"))
        let environment = try #require(record.run.plan.project.environments[name])
        return Change(
            environment: name, images: [:], schema: nil, manifest: SHA256Sum(of: ""), values: [:], target: environment.target,
            policy: environment.approval)
    }

    mutating func print(_ stage: String, _ lines: String...) throws {
        let name = try #require(StageName(stage))
        for line in lines { told.append(.output(name, line)) }
    }
}

extension LiveView {
    /// What is drawn of it, line by line, without colours.
    func text(_ width: Int, _ height: Int, at now: Int64) -> String {
        lines(width: width, height: height, now: now, paint: Paint(isOn: false)).joined(separator: "\n")
    }

    mutating func take(_ story: inout Story) {
        for progress in story.take() { take(progress) }
    }

    init() { self.init(began: 0, hasColour: false) { $0 } }
}
