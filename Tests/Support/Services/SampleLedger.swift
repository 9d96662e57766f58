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

    /// Where the events go.
    public let ledger: Ledger
    private let project: Planner.File
    private let pipeline: Planner.File
    private var lastImages: [EnvironmentName: [ServiceName: String]] = [:]
    private let person = "anna@laptop"

    /// A writer for `ledger`.
    public init(_ ledger: Ledger) throws {
        self.ledger = ledger
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        func file(_ name: String) throws -> Planner.File {
            Planner.File(name: name, content: Array(try Data(contentsOf: root.appending(path: name))))
        }
        project = try file("deploy/project.yml")
        pipeline = try file("pipelines/release.yml")
    }

    /// Records a run of the commit `seed` stands for, which began at `start` (milliseconds since 1970).
    public func record(_ id: RunID, commit seed: String, at start: Int64, _ ending: Ending) async throws {
        let commit = String(SHA256Sum(of: Array(seed.utf8)).hex.prefix(40))
        guard let name = PipelineName("release") else { return }
        let plan = try Planner.plan(project: project, pipeline: pipeline, named: name, source: Source(commit: commit))
        var story = Story(plan: plan, id: id, person: person, clock: start)
        let first = RunEvent.created(id: id, plan: plan, goal: plan.stages.suffix(1).map(\.name), reason: "deploy production")
        var writer = try await ledger.create(Stamped(first, at: start, by: person))
        var isAtEnd = false
        while !isAtEnd {
            let ready = writer.record.run.plan.stages.filter { writer.record.run.state(of: $0.name) == .ready }
            if ready.isEmpty { break }
            for stage in ready { try writer.add(story.start(stage)) }
            for stage in ready {
                let outcome = try story.end(stage, ending, images: writer.record.run.images)
                for event in outcome.events { try writer.add(event) }
                isAtEnd = isAtEnd || outcome.isLast
                var parts: [EnvironmentAppend] = []
                if let environment = stage.kind.value.environment, !outcome.environment.isEmpty {
                    parts.append(EnvironmentAppend(try await ledger.environment(environment), outcome.environment))
                }
                try await writer.save(environments: parts)
            }
        }
    }

    /// Stops deploys to `environment`.
    public func hold(_ environment: EnvironmentName, reason: String, at time: Int64) async throws {
        let hold = Hold(reason: reason, by: person, at: time)
        let record = try await ledger.environment(environment)
        try await ledger.append(EnvironmentAppend(record, [Stamped(.held(hold), at: time, by: person)]))
    }
}

extension Run {
    fileprivate var images: [ServiceName: String] {
        artifacts.values.reduce(into: [:]) { images, value in
            if case .image(let image) = value { images[image.service] = image.reference }
        }
    }
}
