import Journal
import Pipeline
import Records

extension Drive {
    /// Attempts whose driver is gone are in doubt; the run is ours to go on with.
    func takeUp() async throws(LedgerError) -> [RunEvent] {
        guard halt == nil else { return [] }
        var events: [RunEvent] = []
        for case (let stage, .running(let attempt)) in zip(run.plan.stages, run.states)
        where attempt.driver.id != engine.world.driver.id {
            guard let reason = try await absence(of: attempt, at: stage) else { continue }
            events.append(.doubted(stage: stage.name, attempt: attempt.number, reason: reason))
        }
        if case .fenced = terms.scope { return events }
        if run.isInterrupted || run.status == .indeterminate || !events.isEmpty { events.append(.resumed(engine.world.driver)) }
        return events
    }

    /// Why nobody can be making the attempt any more; nil while somebody may be.
    ///
    /// On our own machine the process table tells. On another, for a stage that changes an environment, the lease does: it outlasts the
    /// attempt, by the store's clock, so whoever gets it is alone. For the others only time is left, and our two clocks.
    private func absence(of attempt: Run.Attempt, at stage: PlannedStage) async throws(LedgerError) -> String? {
        let (driver, world) = (attempt.driver, engine.world)
        if case .fenced = terms.scope { return terms.scope.fencedOff(driver, from: stage) }
        if driver.host == world.driver.host {
            return world.isRunning(driver) ? nil : "process \(driver.pid) on \(driver.host) is gone"
        }
        if stage.kind.value.changesEnvironment, let environment = stage.kind.value.environment {
            guard terms.scope.looks(at: stage.name, of: run) else { return nil }
            do throws(StoreError) {
                if case .held = try await leases.take(environment.resource) { return nil }
            } catch {
                throw .store(error)
            }
            return "process \(driver.pid) on \(driver.host) lost its lease on \(environment)"
        }
        let since = writer.record.timings[stage.name]?.started ?? 0
        guard world.now() > since + attempt.deadline.milliseconds + 60_000 else { return nil }
        return "process \(driver.pid) on \(driver.host) has not reported within its deadline of \(attempt.deadline)"
    }
}
