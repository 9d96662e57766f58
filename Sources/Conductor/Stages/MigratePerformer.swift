import Pipeline

/// Applies pending migrations: `migrate` stages.
struct MigratePerformer: Performer {
    func perform(_ stage: Migrate, _ inputs: Migrate.Inputs, _ work: Work) async throws(StageFailure) -> Performed<Schema> {
        let environment = try work.environment(stage.target)
        guard let database = environment.database else { throw StageFailure("no-database", "\(stage.target) has no database.") }
        let differences = try await ChangeReader(work: work).differences(in: stage.target, from: inputs.approval, migrated: [])
        guard differences.isEmpty else { return .voided(differences) }
        let migrations = try await work.tools.workspace.migrations(in: database.migrations, at: work.plan.source)
        return try await MigrationTable.open(database, for: stage.target, work) { table throws(StageFailure) in
            try await table.lock()
            if let file = try await table.unfinished() { throw StageFailure(Self.halfApplied(file, stage.target)) }
            let pending = Set(try await table.change(for: migrations).pending.map(\.version))
            var applied: [String] = []
            for migration in migrations where pending.contains(migration.version) {
                try await table.apply(migration)
                await work.log.say("applied \(migration.file)")
                applied.append(migration.version)
            }
            let version = try await table.change(for: migrations).from
            // What was applied stands in the artifact.
            let note = applied.isEmpty ? "nothing pending" : nil
            return .done(
                Schema(environment: stage.target, version: version, applied: applied),
                how: applied.isEmpty ? .reused : .performed, note: note)
        }
    }

    private static func halfApplied(_ file: String, _ environment: EnvironmentName) -> Failure {
        Failure(
            code: "indeterminate",
            message: "Migration \(file) runs outside a transaction and was interrupted: it may be half applied.",
            remedy: """
                Look at the database of \(environment) and finish or undo it by hand; then set finished_at of its row in shipit_migrations \
                and add its version to schema_migrations, or delete the row.
                """)
    }

    /// What the database records tells all but one thing: whether a migration outside a transaction came to its end.
    func observe(_ stage: Migrate, _ inputs: Migrate.Inputs, _ work: Work) async throws(StageFailure) -> Observation<Schema> {
        let environment = try work.environment(stage.target)
        guard let database = environment.database else { throw StageFailure("no-database", "\(stage.target) has no database.") }
        let migrations = try await work.tools.workspace.migrations(in: database.migrations, at: work.plan.source)
        return try await MigrationTable.open(database, for: stage.target, work) { table throws(StageFailure) in
            if let file = try await table.unfinished() { return .undecided(Self.halfApplied(file, stage.target)) }
            let change = try await table.change(for: migrations)
            guard change.pending.isEmpty else { return .notDone("\(change.pending.count) migrations are pending") }
            let applied = try await table.applied(by: work.run)
            return .done(
                Schema(environment: stage.target, version: change.from, applied: applied),
                note: "the database is at \(change.from ?? "its beginning")")
        }
    }
}
