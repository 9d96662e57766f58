import Foundation
import Hashing
public import Pipeline
public import Records

/// Writes what real runs of this repository's own pipeline, on one Docker host, would have written, with chosen times, commits and ends.
public struct SampleLedger {
    /// How a run ends.
    public enum Ending: Sendable {
        /// Everything is done.
        case succeeded
        /// Its last stage so far is under way.
        case running(StageName)
        /// The stage fails for good.
        case failed(StageName)
        /// Production's Change waits for a person.
        case waiting
    }

    /// What a commit brings beside its images.
    public struct Novelty: Sendable {
        /// The migrations that are pending with it.
        public var migrations: [MigrationMark]
        /// Values that differ from the project's.
        public var values: [String: String]
        /// Whether the run says which migrations it applied.
        var isApplied = true

        /// Migrations by version and name, in order, each compatible or not, and values.
        public init(migrations: [(version: String, name: String, isCompatible: Bool)], values: [String: String] = [:]) {
            self.migrations = migrations.map {
                let file = "\($0.version)_\($0.name).sql"
                return MigrationMark(
                    version: $0.version, file: file, sum: SHA256Sum(of: Array(file.utf8)), isCompatible: $0.isCompatible)
            }
            self.values = values
        }

        static var standard: Novelty {
            var novelty = Novelty(migrations: [("20261122093000", "announcements", true)])
            novelty.isApplied = false
            return novelty
        }
    }

    /// Where the events go.
    public let ledger: Ledger
    private let project: Planner.File
    private let pipeline: Planner.File
    let person: String

    /// A writer for `ledger` of runs of the given project and pipeline.
    public init(_ ledger: Ledger, project: Planner.File, pipeline: Planner.File, by person: String = "anna@laptop") {
        self.ledger = ledger
        self.project = project
        self.pipeline = pipeline
        self.person = person
    }

    /// A writer for `ledger` of runs of this repository's own pipeline.
    public init(_ ledger: Ledger, by person: String = "anna@laptop") throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        func file(_ name: String) throws -> Planner.File {
            Planner.File(name: name, content: Array(try Data(contentsOf: root.appending(path: name))))
        }
        self.init(
            ledger, project: try file("deploy/project.yml"), pipeline: try file("pipelines/release.yml"), by: person)
    }

    /// The plan of the commit that `seed` stands for.
    public func plan(commit seed: String) throws -> Plan {
        guard let name = PipelineName("release") else { throw CocoaError(.formatting) }
        return try Planner.plan(
            project: project, pipeline: pipeline, named: name,
            source: Source(commit: String(SHA256Sum(of: Array(seed.utf8)).hex.prefix(40))))
    }

    /// Records a run of the commit `seed` stands for, which began at `start` (milliseconds since 1970).
    public func record(
        _ id: RunID, commit seed: String, at start: Int64, _ ending: Ending, bringing novelty: Novelty? = nil,
        reason: String = "deploy production"
    ) async throws {
        var writer = try await begin(id, commit: seed, at: start, reason: reason)
        var story = Story(
            plan: writer.record.run.plan, id: id, person: person, novelty: novelty ?? .standard, clock: start)
        var isAtEnd = false
        while !isAtEnd {
            let ready = writer.record.run.stages(in: "ready")
            if ready.isEmpty { break }
            for stage in ready { try writer.add(story.start(stage)) }
            isAtEnd = try await end(ready, ending, &story, &writer)
        }
    }

    /// Records that a run was created, and nothing more of it.
    @discardableResult
    public func begin(_ id: RunID, commit seed: String, at start: Int64, reason: String) async throws -> RunWriter {
        let plan = try plan(commit: seed)
        let first = RunEvent.created(id: id, plan: plan, goal: plan.stages.suffix(1).map(\.name), reason: reason)
        return try await ledger.create(Stamped(first, at: start, by: person))
    }

    /// Goes one step on with a run: ends what is under way as `ending` says, and begins what can begin.
    public func step(_ id: RunID, at time: Int64, _ ending: Ending = .waiting) async throws {
        var writer = RunWriter(try await ledger.run(id), in: ledger)
        let run = writer.record.run
        var story = Story(plan: run.plan, id: id, person: person, novelty: .standard, clock: time)
        _ = try await end(run.stages(in: "running"), ending, &story, &writer)
        for stage in writer.record.run.stages(in: "ready") { try writer.add(story.start(stage)) }
        try await writer.save()
    }

    /// Ends stages that were begun.
    ///
    /// - Returns: whether the run goes no further.
    private func end(
        _ stages: [PlannedStage], _ ending: Ending, _ story: inout Story, _ writer: inout RunWriter
    ) async throws -> Bool {
        var isAtEnd = false
        for stage in stages {
            let outcome = try story.end(stage, ending, images: writer.record.run.images)
            for event in outcome.events { try writer.add(event) }
            isAtEnd = isAtEnd || outcome.isLast
            var parts: [EnvironmentAppend] = []
            if let environment = stage.kind.value.environment, !outcome.environment.isEmpty {
                parts.append(EnvironmentAppend(try await ledger.environment(environment), outcome.environment))
            }
            try await writer.save(environments: parts)
        }
        return isAtEnd
    }

    /// Records that these services were seen to be changed by hand.
    public func sight(_ services: [String], changedIn environment: EnvironmentName, at time: Int64) async throws {
        let record = try await ledger.environment(environment)
        let objects = services.map {
            DriftSighting.Object(place: "shipit-\(environment)", name: $0, fate: "changed", sum: SHA256Sum(of: Array($0.utf8)))
        }
        let sighting = DriftSighting(release: record.state.current?.release.id ?? "none", objects: objects, by: person, at: time)
        try await ledger.append(EnvironmentAppend(record, [Stamped(.sighted(sighting), at: time, by: person)]))
    }

    /// Stops deploys to `environment`.
    public func hold(_ environment: EnvironmentName, reason: String, at time: Int64) async throws {
        let hold = Hold(reason: reason, by: person, at: time)
        let record = try await ledger.environment(environment)
        try await ledger.append(EnvironmentAppend(record, [Stamped(.held(hold), at: time, by: person)]))
    }
}

extension Run {
    fileprivate func stages(in word: String) -> [PlannedStage] {
        plan.stages.filter { state(of: $0.name)?.word == word }
    }

    fileprivate var images: [ServiceName: String] {
        artifacts.values.reduce(into: [:]) { images, value in
            if case .image(let image) = value { images[image.service] = image.reference }
        }
    }
}
