import Hashing
public import Pipeline
import Records

/// What an environment would receive beside what it runs.
public struct Comparison: Sendable {
    /// The environment.
    public var environment: EnvironmentName
    /// The commit that was looked at.
    public var source: Source
    /// What runs: by the target's word where it was asked, by the ledger's otherwise.
    public var running: Release?
    /// What it would receive; its images are those that are built, and its schema is there where the database could be asked.
    public var wanted: Change
    /// The services whose image is not built yet.
    public var unbuilt: [ServiceName]
    /// Why nobody knows what would become of the database; nil when it is known.
    public var schemaUnknown: String?
    /// What the target says; nil where it was not asked.
    public var live: Live?

    /// What a target says.
    public struct Live: Sendable {
        /// What was changed by hand since the release that runs; nothing where nothing runs.
        public var drift: [TargetDifference]
        /// What a deploy would change, with the images that run where others are not built; nil where there are neither.
        public var change: [TargetDifference]?
    }
}

extension Session {
    /// Compares what an environment would receive with what it runs.
    ///
    /// Changes nothing.
    /// - Parameters:
    ///   - environment: the environment.
    ///   - plan: the plan whose commit and builds are looked at.
    ///   - live: whether the target is asked too.
    public func compare(_ environment: EnvironmentName, with plan: Plan, live: Bool) async throws(Refusal) -> Comparison {
        let running = try await state(of: environment).current?.release
        let images = await images(of: plan)
        let work = effects.work(for: plan)
        let reader = ChangeReader(work: work)
        do throws(StageFailure) {
            var (schema, schemaUnknown): (SchemaChange?, String?)
            do throws(StageFailure) {
                schema = try await reader.schema(of: environment)
            } catch {
                schemaUnknown = error.failure.message
            }
            var comparison = Comparison(
                environment: environment, source: plan.source, running: running,
                wanted: try await reader.change(of: environment, images: images, schema: schema),
                unbuilt: plan.project.services.keys.filter { images[$0] == nil }.sorted(), schemaUnknown: schemaUnknown)
            if live { try await ask(work, for: &comparison) }
            return comparison
        } catch {
            throw Refusal(error)
        }
    }

    /// Asks the target.
    private func ask(_ work: Work, for comparison: inout Comparison) async throws(StageFailure) {
        let (source, wanted) = (comparison.source, comparison.wanted)
        let driver = wanted.target.driver(for: work)
        let record = try await driver.record()
        comparison.running = record?.release
        var live = Comparison.Live(drift: [], change: nil)
        if let record { live.drift = try await driver.drift(from: record) }
        // What is not built yet stays as it runs, so that a change to the chart is seen before anything is built for it.
        var change = wanted
        for service in comparison.unbuilt { change.images[service] = record?.release.change.images[service] }
        if work.project.services.keys.allSatisfy({ change.images[$0] != nil }) {
            let release = Release(
                id: record?.release.id ?? "none", change: change, source: source, by: world.actor, at: world.now(),
                manifest: try await workspace.manifest(of: wanted.target, at: source))
            live.change = try await driver.difference(to: release, from: record)
        }
        comparison.live = live
    }

    /// The images of the plan's commit that are there.
    func images(of plan: Plan) async -> [ServiceName: Image] {
        await withTaskGroup(of: ArtifactValue?.self) { group in
            for stage in plan.stages where stage.kind.value is Build {
                let work = effects.work(for: plan, stage: stage)
                group.addTask { await Self.look(stage, work).artifact }
            }
            var images: [ServiceName: Image] = [:]
            for await case .image(let image)? in group { images[image.service] = image }
            return images
        }
    }
}
