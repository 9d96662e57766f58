import Hashing
import Pipeline
import Records

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

    /// The commits by which the Change differs from what runs; nil where nobody can tell, as in a shallow clone.
    ///
    /// A message may hold anything; what is known to be secret is taken out of it.
    func commits(of name: EnvironmentName) async -> CommitSpan? {
        do {
            let state = try await work.ledger { (ledger) async throws(LedgerError) in try await ledger.environment(name) }.state
            guard let from = state.current?.release.source.commit else {
                return CommitSpan(from: nil, brought: [], dropped: [])
            }
            let (workspace, to) = (work.tools.workspace, work.plan.source.commit)
            let brought = try await workspace.commits(after: from, upTo: to, limit: CommitSpan.most + 1)
            let dropped = try await workspace.commits(after: to, upTo: from, limit: CommitSpan.most + 1)
            return CommitSpan(from: from, brought: brought.map(redacted), dropped: dropped.map(redacted))
        } catch {
            await work.log.say("the commits since what \(name) runs are not known: \(error)")
            return nil
        }
    }

    private func redacted(_ line: CommitLine) -> CommitLine {
        var clean = line
        clean.subject = work.tools.vault.redact(line.subject)
        clean.author = line.author.map(work.tools.vault.redact)
        return clean
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
