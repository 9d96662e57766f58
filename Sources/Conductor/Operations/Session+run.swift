import Hashing
import Journal
public import Pipeline
public import Records

extension Session {
    /// How a drive ended, and the run as it is then.
    public struct Driven: Sendable {
        /// The run.
        public var record: RunRecord
        /// Why the drive ended.
        public var end: DriveEnd

        /// A drive that has ended.
        package init(record: RunRecord, end: DriveEnd) {
            self.record = record
            self.end = end
        }
    }

    /// Begins a run of a plan, or joins the unfinished run of the same plan.
    ///
    /// - Parameters:
    ///   - plan: what it does.
    ///   - goal: the stages it shall reach; all when empty.
    ///   - reason: why, in words.
    public func start(_ plan: Plan, goal: [StageName], reason: String) async throws(Refusal) -> RunWriter {
        let last = plan.stages.map(\.name)
        let wanted = goal.isEmpty ? last : goal
        try refuseThrowAwayLedger(plan, wanted)
        if let joined = try await join(plan, wanted) { return joined }
        // Of several who find none in the same moment one begins it, and the others join that.
        let holder = LeaseHolder(
            world.driver, user: world.actor, part: "start", purpose: "the beginning of a run of pipeline \(plan.pipeline)")
        let leases = Leases(
            store: ledger.store, holder: holder, world: world, executor: globalConcurrentExecutor, lost: { _ in })
        let writer = try await leases.holding("plan/\(plan.sum.hex)", asking: .milliseconds(100)) { _ in
        } failing: { error in
            Refusal(error)
        } _: { () async throws(Refusal) in
            if let joined = try await join(plan, wanted) { return joined }
            return try await create(plan, wanted, reason: reason, under: await leases.all)
        }
        guard let writer else { throw Refusal(.cancelled, "The run was not begun.") }
        return writer
    }

    private func create(
        _ plan: Plan, _ goal: [StageName], reason: String, under leases: [Lease]
    ) async throws(Refusal) -> RunWriter {
        for _ in 0..<8 {
            let created = world.stamp(RunEvent.created(id: world.runID(), plan: plan, goal: goal, reason: reason))
            do throws(LedgerError) {
                let writer = try await ledger.create(created, under: leases)
                progress(.event(created, writer.record))
                return writer
            } catch {
                // Two ids of the same second that are alike: another draw.
                guard error.isConflict else { throw Refusal(error) }
            }
        }
        throw Refusal(.failed, "No free run id was found.", remedy: "Try again.")
    }

    /// The newest unfinished run of the same plan, its goal extended.
    private func join(_ plan: Plan, _ goal: [StageName]) async throws(Refusal) -> RunWriter? {
        let sum = plan.sum.hex
        let recent = try await ledger { () async throws(LedgerError) in try await ledger.runs(limit: 100) }
        guard let found = recent.first(where: { $0.plan == sum && $0.status.isOpen }) else { return nil }
        return try await ledger { () async throws(LedgerError) in
            var writer = RunWriter(try await ledger.run(found.id), in: ledger)
            var rivals = Rivals(in: world.scribe)
            while true {
                let further = goal.filter { !writer.record.run.isWanted($0) }
                guard !further.isEmpty else { return try await isOvertaken(writer.record.run, goal) ? nil : writer }
                let event = world.stamp(RunEvent.goalExtended(to: further))
                do throws(RunError) {
                    try writer.add(event)
                } catch {
                    throw .unreadable(JournalName(.run, found.id), position: 0, reason: error.reason)
                }
                do throws(LedgerError) {
                    try await writer.save()
                    progress(.event(event, writer.record))
                    return writer
                } catch {
                    guard error.isConflict, await rivals.letPass() else { throw error }
                    try await writer.reload()
                    // What has ended meanwhile is not gone on with.
                    guard writer.record.run.status.isOpen else { return nil }
                }
            }
        }
    }

    /// Whether a run has done all of a goal, and something else was deployed since: then it takes another run to do it again.
    private func isOvertaken(_ run: Run, _ goal: [StageName]) async throws(LedgerError) -> Bool {
        guard goal.allSatisfy(run.isDone) else { return false }
        for stage in run.plan.stages where run.isDone(stage.name) {
            guard let deploy = stage.kind.value as? Deploy else { continue }
            let current = try await ledger.environment(deploy.target).state.current
            if let current, current.release.id != run.id { return true }
        }
        return false
    }

    /// In CI a ledger on a throw-away runner cannot carry an approval to the job that continues.
    private func refuseThrowAwayLedger(_ plan: Plan, _ goal: [StageName]) throws(Refusal) {
        guard world.isCI, !isLedgerShared else { return }
        let needed = plan.needed(for: goal)
        guard plan.stages.contains(where: { $0.kind.value is Approve && needed.contains($0.name) }) else { return }
        throw Refusal(
            .badInput,
            "This run would wait for an approval, and its ledger is a file on a CI runner that is thrown away after the job.",
            remedy:
                "Set SHIPIT_STATE to a PostgreSQL database or an API that all jobs reach, or stop before the approval with --to.")
    }

    /// Drives a run until it rests.
    public func drive(
        _ writer: RunWriter, on terms: DriveTerms, interrupts: AsyncStream<String>
    ) async throws(Refusal) -> Driven {
        vault.learn(from: writer.record.run.plan.project)
        workspace.keepStateOutOfGit()
        let courier = Courier(tools: tools)
        let carrier = ledger.store.logs.map { LogCarrier($0, world: world, vault: vault) }
        let (signals, relay) = AsyncStream.makeStream(of: String.self)
        let listening = Task {
            for await signal in interrupts {
                courier.hurry()
                carrier?.hurry()
                relay.yield(signal)
            }
            relay.finish()
        }
        defer { listening.cancel() }
        let driven: Result<(end: DriveEnd, record: RunRecord), Refusal>
        do throws(Refusal) {
            driven = .success(
                try await ledger { () async throws(LedgerError) in
                    try await engine(telling: courier, carrier: carrier).drive(writer, on: terms, interrupts: signals)
                })
        } catch {
            driven = .failure(error)
        }
        async let unsaid = courier.finish()
        async let unbrought = carrier?.finish()
        for missed in await [unsaid, unbrought ?? nil] { if let missed { progress(.notice(missed)) } }
        let (end, record) = try driven.get()
        return Driven(record: record, end: end)
    }

    /// A run by the beginning of its id, to go on with.
    public func open(_ prefix: String) async throws(Refusal) -> RunWriter {
        try await ledger { () async throws(LedgerError) in
            RunWriter(try await ledger.run(try await ledger.resolve(prefix)), in: ledger)
        }
    }

    /// Records an event that a person brings about, on the newest state of the run; `decide` looks at it first.
    @discardableResult
    func record(
        _ prefix: String, _ decide: (RunRecord) throws(Refusal) -> RunEvent?
    ) async throws(Refusal) -> RunWriter {
        var writer = try await open(prefix)
        if let event = try await ledger.record(on: &writer, by: world.scribe, decide) { progress(.event(event, writer.record)) }
        return writer
    }
}

extension DriveEnd {
    /// What the process tells.
    public func exit(for run: Run) -> ExitStatus {
        switch self {
        case .performed: .done
        case .recovered: run.undecided.isEmpty ? .done : .indeterminate
        case .voided: .voided
        case .leased, .held: .occupied
        case .leaseLost: .leaseLost
        case .interrupted: .cancelled
        case .rested(let status):
            switch status {
            case .succeeded, .reached: .done
            case .failed: .failed
            case .waiting: .waiting
            case .cancelled: .cancelled
            case .indeterminate: .indeterminate
            case .running, .interrupted: .failed
            }
        }
    }
}
