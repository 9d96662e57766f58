import Hashing
public import Journal
public import Pipeline
import Records

extension Session {
    /// The state of an environment.
    public func state(of environment: EnvironmentName) async throws(Refusal) -> EnvironmentState {
        try await record(of: environment).state
    }

    func record(of environment: EnvironmentName) async throws(Refusal) -> EnvironmentRecord {
        try await ledger { () async throws(LedgerError) in try await ledger.environment(environment) }
    }

    /// The releases of an environment, newest first.
    public func releases(of environment: EnvironmentName, limit: Int) async throws(Refusal) -> [EnvironmentState.Entry] {
        try await ledger { () async throws(LedgerError) in
            try await ledger.releases(of: try await ledger.environment(environment), limit: limit) ?? []
        }
    }

    /// Stops deploys to an environment until somebody lifts the hold.
    public func hold(_ environment: EnvironmentName, reason: String) async throws(Refusal) {
        try await ledger.record(on: environment, by: world.scribe) { (_) throws(Refusal) in
            .held(Hold(reason: reason, by: world.actor, at: world.now()))
        }
    }

    /// Allows deploys again.
    public func unhold(_ environment: EnvironmentName, reason: String) async throws(Refusal) {
        try await ledger.record(on: environment, by: world.scribe) { (record) throws(Refusal) in
            try Refusal.unless { () throws(Objection) in try record.lifting(by: world.actor, reason: reason) }
        }
    }

    /// Records what a look at an environment's target has told of changes by hand, so that whoever cannot look there knows it.
    ///
    /// The same is recorded once an hour, however often somebody looks.
    public func recordDrift(in comparison: Comparison) async throws(Refusal) {
        guard let live = comparison.live, let release = comparison.running else {
            throw Refusal(.badInput, "Nothing runs in \(comparison.environment): there is nothing to record.")
        }
        let objects = live.drift.flatMap { difference in
            difference.objects.map { object in
                DriftSighting.Object(
                    place: difference.place, name: object.name, fate: object.fate.rawValue,
                    sum: SHA256Sum(of: object.lines.joined(separator: "\n")))
            }
        }
        let sighting = DriftSighting(release: release.id, objects: objects, by: world.actor, at: world.now())
        guard sighting.isNews(after: try await state(of: comparison.environment).drift) else { return }
        try await ledger.record(on: comparison.environment, by: world.scribe) { (_) throws(Refusal) in .sighted(sighting) }
    }

    /// Refuses a deployment that would end at a hold, before anything is built for it.
    public func refuseHeld(_ environment: EnvironmentName) async throws(Refusal) {
        guard let hold = try await state(of: environment).hold else { return }
        throw Refusal(
            .occupied, "Deploys to \(environment) are held by \(hold.by): \(hold.reason).",
            remedy: "When the reason is gone: shipit unhold \(environment) --reason …")
    }

    /// The lease that is alive on an environment.
    public func lease(on environment: EnvironmentName) async throws(Refusal) -> Lease? {
        do throws(StoreError) {
            return try await ledger.store.lease(on: environment.resource)
        } catch {
            throw Refusal(LedgerError.store(error))
        }
    }
}
