import Journal
import Pipeline
import Records

extension Drive {
    /// Whether the environment lets the stage begin; otherwise the drive comes to its end.
    mutating func mayBegin(_ stage: PlannedStage, _ key: StageKey) async throws(LedgerError) -> Bool {
        guard stage.kind.value.changesEnvironment, let environment = stage.kind.value.environment else { return true }
        let isRollback = (stage.kind.value as? Deploy)?.restoring != nil
        if !isRollback, let hold = try await engine.ledger.environment(environment).state.hold {
            halt = .held(environment, hold)
            return false
        }
        guard recovering[environment] == nil else { return false }
        do throws(StoreError) {
            switch try await leases.take(environment.resource) {
            case .held(let lease):
                standInLine(for: environment, lease, patience: terms.patience)
                return false
            case .taken(_, let former):
                awaited[environment] = nil
                if let other = former.run, other != run.id {
                    recover(other, of: former, for: environment)
                    return false
                }
            case .ours:
                awaited[environment] = nil
            }
            try await leases.cover(key, on: environment.resource, for: stage.policy.timeout)
            return true
        } catch {
            throw .store(error)
        }
    }

    /// Whether it is time to look what became of a stage in doubt.
    ///
    /// Of one that changes an environment only whoever has the environment can tell: before, something may still be at work that we do
    /// not see, since it runs on another machine. The lease is given when all of it has ended, or its time is over.
    mutating func mayLook(at name: StageName) async throws(LedgerError) -> Bool {
        if case .fenced = terms.scope { return true }
        guard try await isOver(name) else { return false }
        guard let stage = run.stage(name), stage.kind.value.changesEnvironment, let environment = stage.kind.value.environment
        else {
            return true
        }
        do throws(StoreError) {
            guard case .held(let lease) = try await leases.take(environment.resource) else {
                awaited[environment] = nil
                return true
            }
            // What an earlier driver of this very run left behind is waited for in any case.
            let isOwn = lease.holder.run == run.id
            let rest = max(0, lease.expires - engine.world.now()) + Leases.margin.milliseconds
            standInLine(for: environment, lease, patience: isOwn ? TimeSpan(milliseconds: rest) : terms.patience)
            return false
        } catch {
            throw .store(error)
        }
    }

    /// Looks first what became of the last step of a driver whose lease we took over, so that nothing of it is lost.
    private mutating func recover(_ other: RunID, of former: LeaseHolder, for environment: EnvironmentName) {
        let (mailbox, engine) = (mailbox, engine)
        recovering[environment] = Task(executorPreference: engine.executor) {
            do throws(LedgerError) {
                let writer = RunWriter(try await engine.ledger.run(other), in: engine.ledger)
                engine.progress(
                    .notice("took \(environment) over from run \(other) on \(former.host): looking what became of it"))
                let scope = DriveScope.fenced(driver: former.id, environment: environment)
                _ = try await engine.drive(writer, on: DriveTerms(jobs: 1, scope: scope), interrupts: AsyncStream { $0.finish() })
            } catch {
                engine.progress(.notice("what became of run \(other) could not be found out: \(error)"))
            }
            mailbox.put(.recovered(environment))
        }
    }

    /// Waits for an environment that somebody else is changing, as long as there is patience; then the drive comes to its end.
    private mutating func standInLine(for environment: EnvironmentName, _ lease: Lease, patience: TimeSpan?) {
        let until = awaited[environment] ?? patience.map { engine.world.now() + $0.milliseconds } ?? 0
        guard engine.world.now() < until else {
            halt = .leased(environment, lease)
            return
        }
        if awaited.updateValue(until, forKey: environment) == nil {
            engine.progress(.awaiting(environment, lease, until: until))
        }
        guard asking == nil else { return }
        let (mailbox, world) = (mailbox, engine.world)
        // A lease that is given up tells nobody, and one that expires cannot: it is asked for.
        asking = Task(executorPreference: engine.executor) {
            do { try await world.sleep(.seconds(1)) } catch { return }
            mailbox.put(.askAgain)
        }
    }

    /// Leases whose environment has nothing left to do in this run are given up at once.
    func giveUpLeases(after messages: [Message]) async {
        for case .outcome(let key, _) in messages {
            guard let environment = run.stage(key.stage)?.kind.value.environment else { continue }
            let isBusy = run.plan.stages.contains { stage in
                stage.kind.value.environment == environment && run.isOpen(stage.name)
            }
            if !isBusy { await leases.release(environment.resource) }
        }
    }
}
