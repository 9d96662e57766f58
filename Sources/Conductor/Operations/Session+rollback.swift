import Journal
public import Pipeline
public import Records

/// What a rollback would do, before it does anything.
public struct RollbackPlan: Sendable {
    /// The environment.
    public var environment: EnvironmentName
    /// What runs, by the target's own word: the newest release there, where parts of several run.
    public var current: Release?
    /// Where it leads.
    public var target: Release
    /// The migrations between, each with whether it is marked compatible; nil where nobody knows.
    public var migrations: [(version: String, file: String?, isCompatible: Bool?)]
    /// Why it cannot be done; empty when it can.
    public var obstacles: [String]
    /// The run it would be.
    public var plan: Plan

    /// What it does, in words.
    var reason: String {
        "rolled back from \(current?.source.commit.prefix(12) ?? "nothing") to \(target.source.commit.prefix(12))"
    }
}

extension Session {
    /// Looks where a rollback leads and whether it can be done: what the target runs, digests, compose file, schema.
    ///
    /// Changes nothing there.
    ///
    /// - Parameters:
    ///   - environment: what is to be rolled back.
    ///   - project: the project as it is checked out.
    ///   - wanted: a commit or release id; nil for last good.
    ///   - isRehearsal: whether nothing follows; else it is refused at once to who may not set the hold that a rollback begins with.
    public func rollbackPlan(
        of environment: EnvironmentName, in project: Project, to wanted: String?, isRehearsal: Bool = false
    ) async throws(Refusal) -> RollbackPlan {
        if !isRehearsal { try requireRightToHold(environment) }
        var record = try await self.record(of: environment)
        let onTarget = try await target(of: environment, in: project, after: record.state.current?.release)
        if record.state.count == 0, let onTarget { record = try await adopt(onTarget, in: environment) }
        let left = record.state.left(running: onTarget?.release)
        let (known, seen) = (record.state.current?.release.id, onTarget?.release.id)
        if known != seen {
            progress(
                .notice(
                    "the target of \(environment) runs release \(seen ?? "none"), the last that was recorded is \(known ?? "none")"
                ))
        }
        let found = try await ledger { [record] () async throws(LedgerError) in
            try await ledger.rollbackTarget(of: record, leaving: left, to: wanted)
        }
        guard let target = found, let plan = Plan.rollback(of: environment, to: target, in: project) else {
            let newest = try await ledger { () async throws(LedgerError) in
                try await ledger.releases(of: record, limit: 50) ?? []
            }
            let listed = newest.filter { $0.isGood == true }.map { $0.release.source.commit.prefix(12) }.joined(separator: ", ")
            throw Refusal(
                .rollbackBlocked,
                wanted.map { "\(environment) has no good release '\($0)'." }
                    ?? "\(environment) has no earlier good release to go back to.",
                remedy: listed.isEmpty ? nil : "Good ones among the newest are: \(listed).")
        }
        let work = effects.work(for: plan)
        do throws(StageFailure) {
            var obstacles: [String] = []
            for reference in try await RegistryAccess(work).missing(target.change.images.values) {
                obstacles.append("the registry no longer has \(reference)")
            }
            var between: [(version: String, file: String?, isCompatible: Bool?)] = []
            if let database = project.environments[environment]?.database {
                between = try await MigrationTable.open(database, for: environment, work) { table throws(StageFailure) in
                    try await table.applied(after: target.change.schema?.to)
                }
            }
            for migration in between where migration.isCompatible != true {
                let name = migration.file ?? migration.version
                obstacles.append(
                    migration.isCompatible == nil
                        ? "nobody knows whether release \(target.id) works with migration \(name)"
                        : "migration \(name) is not marked '-- shipit:compatible'")
            }
            return RollbackPlan(
                environment: environment, current: onTarget?.release, target: target, migrations: between,
                obstacles: obstacles, plan: plan)
        } catch {
            throw Refusal(error)
        }
    }

    /// Begins a rollback: sets a hold, and makes the run that takes the environment back.
    ///
    /// Whoever is changing the environment may be about to switch, so that the rollback is looked at again when they are done.
    /// - Parameters:
    ///   - rollback: what it does, as it was looked at last.
    ///   - project: the project as it is checked out.
    ///   - wanted: a commit or release id; nil for last good.
    ///   - reason: why, in words; nil for what it does.
    ///   - patience: how long to wait for somebody else who is changing the environment; nil for not at all.
    public func startRollback(
        _ rollback: RollbackPlan, in project: Project, to wanted: String?, reason: String?, patience: TimeSpan?
    ) async throws(Refusal) -> RunWriter {
        let environment = rollback.environment
        try await hold(for: rollback, reason)
        guard try await standInLine(for: environment, to: wanted, patience) else {
            return try await start(rollback.plan, goal: [], reason: reason ?? rollback.reason)
        }
        let now = try await rollbackPlan(of: environment, in: project, to: wanted)
        if now.reason != rollback.reason {
            try await hold(for: now, reason)
            progress(.notice("by now \(environment) is to be \(now.reason)"))
        }
        return try await start(now.plan, goal: [], reason: reason ?? now.reason)
    }

    private func requireRightToHold(_ environment: EnvironmentName) throws(Refusal) {
        do throws(StoreError) { try ledger.store.requireRightToHold() } catch {
            throw Refusal(
                .failed, "\(environment) is not rolled back, and nothing was touched. \(error.message)",
                remedy: "See where it would lead with: shipit rollback \(environment) --plan")
        }
    }

    private func hold(for rollback: RollbackPlan, _ reason: String?) async throws(Refusal) {
        guard rollback.obstacles.isEmpty else {
            throw Refusal(
                .rollbackBlocked,
                "The rollback of \(rollback.environment) is blocked: \(rollback.obstacles.joined(separator: "; ")).",
                remedy: "Fix forward with a new commit, or mark the migration compatible if the earlier release works with it.")
        }
        try await hold(rollback.environment, reason: reason ?? rollback.reason)
    }

    /// Waits until nobody is changing the environment.
    ///
    /// - Returns: whether somebody was.
    private func standInLine(
        for environment: EnvironmentName, to wanted: String?, _ patience: TimeSpan?
    ) async throws(Refusal) -> Bool {
        var until: Int64?
        while let lease = try await lease(on: environment), !lease.holder.isGone(in: world) {
            if until == nil, let patience {
                let end = world.now() + patience.milliseconds
                until = end
                progress(.awaiting(environment, lease, until: end))
            }
            guard let until, world.now() < until else {
                throw Refusal(
                    .occupied,
                    "\(environment) is being changed by \(lease.holder.user) on \(lease.holder.host): \(lease.holder.purpose). Nothing else is deployed to it from now on.",
                    remedy: "Wait for it with: shipit rollback \(environment)\(wanted.map { " --to \($0)" } ?? "") --wait 10m")
            }
            do { try await world.sleep(.seconds(1)) } catch { throw Refusal(.cancelled, "The rollback was not begun.") }
        }
        return until != nil
    }

    /// What the target itself says that it runs.
    private func target(
        of environment: EnvironmentName, in project: Project, after known: Release?
    ) async throws(Refusal) -> TargetRecord? {
        let source = Source(commit: known?.source.commit ?? String(repeating: "0", count: 40))
        guard let target = project.environments[environment]?.target else { return nil }
        do throws(StageFailure) {
            return try await target.driver(for: effects.work(for: Plan.look(at: project, source: source))).record()
        } catch {
            throw Refusal(error)
        }
    }

    /// Takes over what the target says, for a ledger that has never seen the environment.
    private func adopt(_ record: TargetRecord, in environment: EnvironmentName) async throws(Refusal) -> EnvironmentRecord {
        var events: [EnvironmentEvent] = []
        if let good = record.lastGood { events += [.released(good), .verified(good.id, run: good.id)] }
        if record.lastGood?.id != record.release.id { events.append(.released(record.release)) }
        progress(.notice("the ledger has never seen \(environment): taking over what the target records"))
        let stamped = events.map { world.stamp($0) }
        try await ledger { () async throws(LedgerError) in
            try await ledger.append(EnvironmentAppend(EnvironmentRecord(environment), stamped))
        }
        return try await self.record(of: environment)
    }
}
