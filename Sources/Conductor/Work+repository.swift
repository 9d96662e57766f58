import Journal
import Pipeline
import Records

extension Work {
    /// Looks at a repository of images and changes it in one go, while no other run does.
    ///
    /// A registry knows no condition on a push: of two that find a tag free both would take it. As docker asks for no token, the lease lasts
    /// as long as the attempt may; it is held for a push, and not for the build before.
    func exclusively<Answer: Sendable>(
        in repository: String, _ body: () async throws(StageFailure) -> Answer
    ) async throws(StageFailure) -> Answer {
        let resource = "repository/\(repository)"
        let holder = LeaseHolder(
            tools.world.driver, user: tools.world.actor, part: stage.text, purpose: "run \(run) of pipeline \(plan.pipeline)")
        let leases = Leases(
            store: tools.ledger.store, holder: holder, world: tools.world, executor: globalConcurrentExecutor, lost: { _ in })
        let answer = try await leases.holding(resource, asking: .milliseconds(250)) { [log] lease in
            let holder = lease.holder
            await log.say("\(holder.user) on \(holder.host) pushes to \(repository) for \(holder.purpose): waiting")
        } failing: { error in
            StageFailure(ledger: .store(error))
        } _: { () async throws(StageFailure) in
            try await ledger { (_) async throws(LedgerError) in
                do throws(StoreError) {
                    _ = try await leases.cover(
                        StageKey(stage: stage, attempt: attempt), on: resource,
                        for: TimeSpan(milliseconds: end - tools.world.uptime()))
                } catch {
                    throw .store(error)
                }
            }
            return try await body()
        }
        guard let answer else { throw StageFailure("cancelled", "The wait for \(repository) was ended.") }
        return answer
    }
}
