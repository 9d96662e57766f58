import Journal
import Pipeline
import Records

extension Drive {
    /// Attempts whose driver is gone are in doubt; the run is ours to go on with.
    mutating func takeUp() async throws(LedgerError) -> [RunEvent] {
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
    /// Where the driver runs in the same place the process table tells. Of one elsewhere, for a stage that changes an environment, the
    /// lease does: it outlasts the attempt, by the store's clock, so whoever gets it is alone. For the others only time is left, also by
    /// the store's clock, whatever those of the two machines say: the attempt began when the run's journal last grew, or before.
    private mutating func absence(of attempt: Run.Attempt, at stage: PlannedStage) async throws(LedgerError) -> String? {
        let (driver, world) = (attempt.driver, engine.world)
        if case .fenced = terms.scope { return terms.scope.fencedOff(driver, from: stage) }
        switch world.sight(of: driver) {
        case .atWork: return nil
        case .gone: return "process \(driver.pid) on \(driver.host) is gone"
        case .hidden: break
        }
        if stage.kind.value.changesEnvironment, let environment = stage.kind.value.environment {
            guard terms.scope.looks(at: stage.name, of: run) else { return nil }
            guard try await take(environment) == nil else { return nil }
            return "process \(driver.pid) on \(driver.host) lost its lease on \(environment)"
        }
        guard try await isPast(attempt.deadline) else { return nil }
        expired.insert(StageKey(stage: stage.name, attempt: attempt.number))
        return "process \(driver.pid) on \(driver.host) has not reported within its deadline of \(attempt.deadline)"
    }

    /// Whether nothing of a command in doubt can be at work any more that cannot be seen from here.
    ///
    /// Only where it was begun, and by the same user, can be seen what a shipit that is gone has left behind; everywhere else it takes the
    /// attempt's time to be over. Nothing else guards a command as a lease does an environment and a repository of images.
    mutating func isOver(_ name: StageName) async throws(LedgerError) -> Bool {
        guard case .inDoubt(let attempt, let driver?, _)? = run.state(of: name), let stage = run.stage(name),
            stage.kind.value is RunCommand, engine.world.sightOfPrograms(of: driver) == .hidden
        else { return true }
        let key = StageKey(stage: name, attempt: attempt)
        if expired.contains(key) { return true }
        if try await isPast(stage.policy.timeout) {
            expired.insert(key)
            awaitingTime.remove(name)
            return true
        }
        if awaitingTime.insert(name).inserted {
            engine.progress(
                .notice(
                    "only where process \(driver.pid) was, on \(driver.host), can be told whether something of \(name) is still at work: waiting for the end of its \(stage.policy.timeout)"
                ))
        }
        return false
    }

    /// Whether the time of an attempt is over by the store's clock: it began when the run's journal last grew, or before.
    private func isPast(_ span: TimeSpan) async throws(LedgerError) -> Bool {
        let store = engine.ledger.store
        do throws(StoreError) {
            guard let head = try await store.head(of: JournalName(.run, run.id)) else { return false }
            return try await store.now() > head.updated + span.milliseconds + 2 * Leases.margin.milliseconds
        } catch {
            throw .store(error)
        }
    }
}
