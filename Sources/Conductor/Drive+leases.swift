import Journal
import Pipeline
import Records

extension Drive {
    /// The uptime until which the stage may take, once its environment lets it begin; nil while it does not, or since it cannot.
    mutating func mayBegin(_ stage: PlannedStage, _ key: StageKey) async throws(LedgerError) -> Int64? {
        guard stage.kind.value.changesEnvironment, let environment = stage.kind.value.environment else {
            return engine.world.uptime() + stage.policy.timeout.milliseconds
        }
        let isRollback = (stage.kind.value as? Deploy)?.restoring != nil
        if !isRollback, let hold = try await engine.ledger.environment(environment).state.hold {
            halt = .held(environment, hold)
            return nil
        }
        guard recovering[environment] == nil else { return nil }
        if let lease = try await take(environment) {
            standInLine(for: environment, lease, patience: terms.patience)
            return nil
        }
        awaited[environment] = nil
        guard !unlooked.contains(environment) else {
            lookAtOthers(in: environment)
            return nil
        }
        do throws(StoreError) {
            return try await leases.cover(key, on: environment.resource, for: stage.policy.timeout)
        } catch {
            throw .store(error)
        }
    }

    /// Takes the environment; otherwise answers whose it is.
    ///
    /// Whoever had it before may have left something that nobody has looked at yet.
    mutating func take(_ environment: EnvironmentName) async throws(LedgerError) -> Lease? {
        do throws(StoreError) {
            switch try await leases.take(environment.resource) {
            case .ours: return nil
            case .taken:
                unlooked.insert(environment)
                return nil
            case .held(let lease): return lease
            }
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
        guard let lease = try await take(environment) else {
            awaited[environment] = nil
            return true
        }
        // What an earlier driver of this very run left behind is waited for in any case.
        let isOwn = lease.holder.run == run.id
        let rest = max(0, lease.expires - engine.world.now()) + Leases.margin.milliseconds
        standInLine(for: environment, lease, patience: isOwn ? TimeSpan(milliseconds: rest) : terms.patience)
        return false
    }

    /// Looks first what became of the steps of those who had the environment before, so that nothing of them is lost.
    ///
    /// Their journals tell who left one open, and not the lease: between two takers it may have had others, who died without a look.
    private mutating func lookAtOthers(in environment: EnvironmentName) {
        let (mailbox, engine, leases, own) = (mailbox, engine, leases, run.id)
        recovering[environment] = Task(executorPreference: engine.executor) {
            do throws(LedgerError) {
                guard let fence = await leases.lease(on: environment.resource) else {
                    mailbox.put(.notLooked(environment))
                    return
                }
                for summary in try await engine.ledger.runs(limit: 100) where summary.id != own && summary.status.isUnsettled {
                    let record = try await engine.ledger.run(summary.id)
                    guard let step = record.run.openStep(in: environment) else { continue }
                    engine.progress(
                        .notice("looking first what became of \(step) of run \(summary.id), which had \(environment) before"))
                    _ = try await engine.drive(
                        RunWriter(record, in: engine.ledger), on: DriveTerms(jobs: 1, scope: .fenced(environment)),
                        interrupts: AsyncStream { $0.finish() }, under: (leases, fence))
                }
                mailbox.put(.recovered(environment))
            } catch {
                mailbox.put(.unrecovered(error))
            }
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
        // Those of whoever sent us to look are not ours to give up.
        if case .fenced = terms.scope { return }
        for case .outcome(let key, _) in messages {
            guard let environment = run.stage(key.stage)?.kind.value.environment else { continue }
            if !run.isOpen(in: environment) { await leases.release(environment.resource) }
        }
    }
}

extension RunStatus {
    /// Whether a stage may be under way or in doubt.
    fileprivate var isUnsettled: Bool {
        switch self {
        case .running, .interrupted, .indeterminate: true
        case .waiting, .reached, .succeeded, .failed, .cancelled: false
        }
    }
}

extension Run {
    /// A stage that changes the environment and whose outcome nobody has recorded.
    fileprivate func openStep(in environment: EnvironmentName) -> StageName? {
        zip(plan.stages, states).first { stage, state in
            guard stage.kind.value.changesEnvironment, stage.kind.value.environment == environment else { return false }
            switch state {
            case .running, .inDoubt: return true
            default: return false
            }
        }?.0.name
    }
}
