import Hashing
import Pipeline

/// Computes what an environment would receive now, from the commit and from the world.
struct ChangeReader {
    let work: Work

    /// The Change of `environment`.
    func change(of name: EnvironmentName, images: [ServiceName: Image]) async throws(StageFailure) -> Change {
        let environment = try work.environment(name)
        let manifest = try await work.tools.workspace.manifest(of: environment.target, at: work.plan.source)
        var schema: SchemaChange?
        if let database = environment.database {
            let migrations = try await work.tools.workspace.migrations(in: database.migrations, at: work.plan.source)
            schema = try await MigrationTable.open(database, for: name, work) { table throws(StageFailure) in
                try await table.change(for: migrations)
            }
        }
        return Change(
            environment: name, images: images.mapValues(\.reference), schema: schema, manifest: SHA256Sum(of: manifest),
            values: environment.values, target: environment.target, policy: environment.approval)
    }

    /// Proves, right before the first effect, that what was approved is what would be done now.
    ///
    /// - Parameter migrated: what this run's own migration has applied since.
    /// - Returns: the differences; none when the approval covers it.
    func differences(from approval: Approval, migrated: [String]) async throws(StageFailure) -> [String] {
        // The digests are those of the approved Change's own inputs: images are immutable, and the plan binds them to this run.
        var now = try await change(of: approval.environment, images: [:])
        now.images = approval.change.images
        return now.differences(from: approval.change, migrated: migrated)
    }
}
