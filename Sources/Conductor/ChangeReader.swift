import Hashing
import Pipeline

/// Computes what an environment would receive now, from the commit and from the world.
struct ChangeReader {
    let work: Work

    /// The Change of `environment`.
    func change(of name: EnvironmentName, images: [ServiceName: Image]) async throws(StageFailure) -> Change {
        try await change(of: name, images: images, schema: schema(of: name))
    }

    /// The Change of `environment`, where what would become of its database is known already.
    func change(
        of name: EnvironmentName, images: [ServiceName: Image], schema: SchemaChange?
    ) async throws(StageFailure) -> Change {
        let environment = try work.environment(name)
        let manifest = try await work.tools.workspace.manifest(of: environment.target, at: work.plan.source)
        return Change(
            environment: name, images: images.mapValues(\.reference), schema: schema, manifest: SHA256Sum(of: manifest),
            values: environment.values, target: environment.target, policy: environment.approval)
    }

    /// What would become of the environment's database; nil when it has none.
    func schema(of name: EnvironmentName) async throws(StageFailure) -> SchemaChange? {
        guard let database = try work.environment(name).database else { return nil }
        let migrations = try await work.tools.workspace.migrations(in: database.migrations, at: work.plan.source)
        return try await MigrationTable.open(database, for: name, work) { table throws(StageFailure) in
            try await table.change(for: migrations)
        }
    }

    /// The differences that void the approval of `environment`; none when it demands no approval or is covered by it.
    ///
    /// An environment that demands an approval is never changed without one, whatever the journal says.
    func differences(
        in environment: EnvironmentName, from approval: Approval?, migrated: [String]
    ) async throws(StageFailure) -> [String] {
        if let approval { return try await differences(from: approval, migrated: migrated) }
        guard try work.environment(environment).approval == .required else { return [] }
        throw StageFailure(
            "approval-missing", "\(environment) demands an approval, and the run holds none. Nothing was touched.",
            remedy: "Start a new run and approve its change.")
    }

    /// Proves, right before the first effect, that what was approved is what would be done now.
    ///
    /// - Parameter migrated: what this run's own migration has applied since.
    /// - Returns: the differences; none when the approval covers it.
    private func differences(from approval: Approval, migrated: [String]) async throws(StageFailure) -> [String] {
        // The digests are those of the approved Change's own inputs: images are immutable, and the plan binds them to this run.
        var now = try await change(of: approval.environment, images: [:])
        now.images = approval.change.images
        return now.differences(from: approval.change, migrated: migrated)
    }
}
