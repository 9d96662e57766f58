import Hashing
import Pipeline
import Records

/// Makes an environment run a release: `deploy` stages.
struct DeployPerformer: Performer {
    func perform(_ stage: Deploy, _ inputs: Deploy.Inputs, _ work: Work) async throws(StageFailure) -> Performed<ReleaseReference>
    {
        let environment = try work.environment(stage.target)
        let lastGood = try await work.ledger { (ledger) async throws(LedgerError) in
            try await ledger.lastGood(of: try await ledger.environment(stage.target))
        }
        let release: Release
        if let restored = stage.restoring {
            release = try await self.release(restoring: restored, in: stage.target, work)
        } else {
            let differences = try await ChangeReader(work: work).differences(
                in: stage.target, from: inputs.approval, migrated: inputs.schema?.applied ?? [])
            guard differences.isEmpty else { return .voided(differences) }
            release = try await self.release(from: inputs, to: stage.target, environment, work)
        }
        let missing = try await RegistryAccess(work).missing(release.change.images.values)
        guard missing.isEmpty else {
            throw StageFailure(
                "image-missing", "The registry no longer has \(missing.joined(separator: ", ")). Nothing was touched.",
                remedy: "Build the commit again with a new run, or roll back to another release.")
        }
        let deployed = try await environment.target.driver(for: work).deploy(release, lastGood: lastGood)
        return .done(
            ReleaseReference(environment: stage.target, release: release.id), events: [.released(deployed)])
    }

    /// The record on the target tells; bringing a half-done switch to its end by deploying again does no harm.
    func observe(_ stage: Deploy, _ inputs: Deploy.Inputs, _ work: Work) async throws(StageFailure) -> Observation<
        ReleaseReference
    > {
        let environment = try work.environment(stage.target)
        guard let record = try await environment.target.driver(for: work).record(), record.release.id == work.run, record.isWhole
        else {
            return .notDone("\(stage.target) does not run release \(work.run) whole")
        }
        let recorded = try await work.release(work.run, of: stage.target)
        let events = recorded == nil ? [EnvironmentEvent.released(record.release)] : []
        return .done(
            ReleaseReference(environment: stage.target, release: work.run), note: "\(stage.target) runs release \(work.run)",
            events: events)
    }

    func tidy(_ stage: Deploy, _ work: Work) async {
        if let environment = try? work.environment(stage.target) { await environment.target.driver(for: work).tidy() }
    }

    private func release(
        from inputs: Deploy.Inputs, to name: EnvironmentName, _ environment: Environment, _ work: Work
    ) async throws(StageFailure) -> Release {
        let manifest = try await work.tools.workspace.manifest(of: environment.target, at: work.plan.source)
        let change = Change(
            environment: name, images: inputs.images.mapValues(\.reference),
            schema: inputs.schema.map { SchemaChange(from: $0.version, pending: []) }, manifest: SHA256Sum(of: manifest),
            values: environment.values, target: environment.target, policy: environment.approval)
        let world = work.tools.world
        return Release(
            id: work.run, change: change, source: work.plan.source, by: world.actor, at: world.now(),
            // What only figures are made of stops no deploy.
            committed: try? await work.tools.workspace.time(of: work.plan.source), manifest: manifest)
    }

    /// The earlier release as it was, under this run's identity: images, file and values as one.
    private func release(
        restoring id: ReleaseID, in environment: EnvironmentName, _ work: Work
    ) async throws(StageFailure) -> Release {
        guard let earlier = try await work.release(id, of: environment) else {
            throw StageFailure("release-unknown", "The ledger has no release '\(id)'.", remedy: "See 'shipit history'.")
        }
        let world = work.tools.world
        return Release(
            id: work.run, change: earlier.change, source: earlier.source, by: world.actor, at: world.now(),
            manifest: earlier.manifest,
            restores: id)
    }
}

extension Work {
    /// The release with this id as the ledger has it.
    fileprivate func release(_ id: ReleaseID, of environment: EnvironmentName) async throws(StageFailure) -> Release? {
        try await ledger { (ledger) async throws(LedgerError) in
            try await ledger.release(of: try await ledger.environment(environment)) { $0.release.id == id }?.release
        }
    }
}
