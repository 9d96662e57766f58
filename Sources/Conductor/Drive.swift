import Journal
import Pipeline
import Records

/// One driving of one run: the state of the task that owns it.
struct Drive {
    private(set) var writer: RunWriter
    let engine: Engine
    let terms: DriveTerms
    let leases: Leases
    /// A lease of another drive that every append must prove.
    private let fence: Lease?
    let mailbox: Mailbox
    private let cursor: Cursor

    /// The tasks that perform or observe.
    private var tasks: [StageKey: Task<Void, Never>] = [:]
    /// Attempts that were told to end.
    private var stopping: Set<StageKey> = []
    /// Timers that are set, each once.
    private var timers: [Timer: Task<Void, Never>] = [:]
    /// Environments that somebody else is changing, each with the time until which we wait for it.
    var awaited: [EnvironmentName: Int64] = [:]
    /// Asks again for what is awaited.
    var asking: Task<Void, Never>?
    /// Environments that are ours, and where what others left open was not looked at yet.
    var unlooked: Set<EnvironmentName> = []
    /// Attempts on other machines whose time we know to be over.
    var expired: Set<StageKey> = []
    /// Commands in doubt that were begun on another machine, and whose time is not over yet.
    var awaitingTime: Set<StageName> = []
    /// Environments where what others left open is being looked at.
    var recovering: [EnvironmentName: Task<Void, Never>] = [:]
    /// Why no new stage is begun any more.
    var halt: DriveEnd?
    /// Whether whoever watches has been shown the run as it was when we began.
    private var hasShown = false
    /// Whether an approval was voided while we drove.
    private var voided: [String] = []

    init(writer: RunWriter, engine: Engine, terms: DriveTerms, leases: Leases, fence: Lease?, mailbox: Mailbox, cursor: Cursor) {
        self.writer = writer
        self.engine = engine
        self.terms = terms
        self.leases = leases
        self.fence = fence
        self.mailbox = mailbox
        self.cursor = cursor
    }

    private var world: World { engine.world }
    var run: Run { writer.record.run }

    /// Turns until nothing is under way and nothing follows.
    mutating func untilRest() async throws(LedgerError) -> DriveEnd {
        try await turn([.journalChanged, .tick])
        while !tasks.isEmpty || isWorthWaiting {
            try await turn(await mailbox.take())
        }
        for timer in timers.values { timer.cancel() }
        asking?.cancel()
        for look in recovering.values { look.cancel() }
        if run.status == .running, terms.scope.isLeftToNobody(run) {
            // Nobody drives it now: whoever looks shall see that it wants to be taken up again.
            try await settle([Happening(event: .interrupted(driver: world.driver.id, signal: halt?.word ?? "rest"))])
        }
        return halt ?? (voided.isEmpty ? rest : .voided(voided))
    }

    /// How the drive has come to rest: where single stages were asked for, they say it while the run goes on.
    private var rest: DriveEnd {
        switch terms.scope {
        case .doubts, .fenced: return .recovered
        case .whole, .stages: break
        }
        guard case .stages(let only) = terms.scope else { return .rested(run.status) }
        let isDone = only.allSatisfy(run.isDone)
        switch run.status {
        case .running: break
        // What others failed at says nothing of these.
        case .failed, .interrupted, .indeterminate: guard isDone else { return .rested(run.status) }
        default: return .rested(run.status)
        }
        if isDone { return .performed(only.sorted()) }
        let isUnknown = run.undecided.contains(where: only.contains)
        if isUnknown { return .rested(.indeterminate) }
        let isWaiting = run.waitingApprovals.contains { only.contains($0.stage) }
        return .rested(isWaiting ? .waiting : .failed)
    }

    /// The attempts that perform or observe, in an order that a simulated world can have again.
    private var underWay: [StageKey] { tasks.keys.sorted { ($0.stage, $0.attempt) < ($1.stage, $1.attempt) } }

    /// Ends every child without recording it: the ledger cannot be written, and the next driver will look at the world.
    mutating func abandon() async {
        let ending = underWay.compactMap { tasks[$0] }
        for task in ending { task.cancel() }
        for task in ending { await task.value }
        for timer in timers.values { timer.cancel() }
        tasks = [:]
    }

    /// Whether others work on the run, or a pause will end: then there is something to wait for without a task of ours.
    private var isWorthWaiting: Bool {
        guard halt == nil else { return false }
        return run.next(jobs: terms.jobs, only: terms.scope.begun).contains { action in
            switch action {
            case .wake(let stage, _, _): terms.scope.begun?.contains(stage) ?? true
            case .timeout, .stop: terms.scope.isWhole
            // It would be under way if we did not stand in line for its environment, or wait for its time to be over.
            case .perform(let stage, _), .observe(let stage, _):
                awaitingTime.contains(stage)
                    || run.stage(stage)?.kind.value.environment.map { awaited[$0] != nil || recovering[$0] != nil } ?? false
            }
        }
    }

    /// Takes messages in, saves what follows from them, starts what is due.
    private mutating func turn(_ messages: [Message]) async throws(LedgerError) {
        var happenings: [Happening] = []
        for message in messages {
            switch message {
            case .outcome(let key, let outcome):
                tasks[key] = nil
                timers.removeValue(forKey: Timer(key: key, kind: .timeout))?.cancel()
                let wasStopped = stopping.remove(key) != nil
                // Before the next one is covered: its lease shall not last as long as this one's would have.
                let environment = run.stage(key.stage)?.kind.value.environment
                if let environment { await leases.uncover(key, on: environment.resource) }
                // A look at the world that was given up has found nothing out.
                if wasStopped, case .inDoubt? = run.state(of: key.stage) { continue }
                happenings.append(
                    Happening(
                        event: event(for: outcome, of: key, wasStopped: wasStopped), environment: environment,
                        consequences: outcome.events(whenStopped: wasStopped) ?? []))
            case .timer(let timer):
                timers[timer] = nil
                // A ledger that does not answer must not keep a program alive beyond its time.
                if timer.kind == .timeout { stop(timer.key) }
                happenings.append(Happening(event: timer.event))
            case .journalChanged:
                try await reload()
                cursor.position = writer.record.position
            case .askAgain:
                asking = nil
            case .recovered(let environment):
                recovering[environment] = nil
                unlooked.remove(environment)
            case .notLooked(let environment):
                recovering[environment] = nil
            case .unrecovered(let error):
                throw error
            case .launched(let key, let launch):
                guard tasks[key] != nil else { continue }
                happenings.append(Happening(event: .launched(stage: key.stage, attempt: key.attempt, launch: launch)))
            case .tick:
                happenings += try await takeUp().map { Happening(event: $0) }
            case .interrupt(let signal):
                guard halt == nil else { continue }
                halt = .interrupted
                for key in underWay { stop(key) }
                happenings.append(Happening(event: .interrupted(driver: world.driver.id, signal: signal)))
            case .leaseLost(let resource):
                try await lose(resource)
                return
            }
        }
        try await settle(happenings)
        await giveUpLeases(after: messages)
    }

    /// Saves events with the intents that follow from them, then makes the intents true.
    ///
    /// On a conflict: fold again, decide again.
    private mutating func settle(_ happenings: [Happening]) async throws(LedgerError) {
        var rivals = Rivals(in: world.scribe)
        while true {
            // What cannot follow any more was overtaken, with its consequences: the outcome of an attempt that others gave up.
            let valid = happenings.filter { happening in (try? writer.add(world.stamp(happening.event))) != nil }
            let intents = try await intend()
            do throws(LedgerError) {
                var appends: [EnvironmentAppend] = []
                for happening in valid where !happening.consequences.isEmpty {
                    guard let environment = happening.environment else { continue }
                    let record = try await engine.ledger.environment(environment)
                    appends.append(EnvironmentAppend(record, happening.consequences.map { world.stamp($0) }))
                }
                let saved = try await writer.save(environments: appends, under: await proofs)
                cursor.position = writer.record.position
                for event in saved { note(event) }
                for intent in intents { begin(intent) }
                return
            } catch {
                guard case .store(let reason) = error else { throw error }
                switch reason.code {
                case .conflict:
                    guard await rivals.letPass() else { throw error }
                    try await reload()
                case .leaseLost(let resource, _):
                    try await lose(resource)
                    return
                default:
                    throw error
                }
            }
        }
    }

    /// The leases that an append must prove.
    private var proofs: [Lease] {
        get async {
            let held = await leases.all
            guard let fence else { return held }
            // Whoever sent us may have given it up since, and then nothing of theirs would keep us from writing.
            return held.filter { $0.resource != fence.resource } + [fence]
        }
    }

    /// Takes in what others have written.
    private mutating func reload() async throws(LedgerError) {
        if try await writer.reload() || !hasShown { engine.progress(.reread(writer.record)) }
        hasShown = true
    }

    private mutating func note(_ event: Stamped<RunEvent>) {
        if case .approvalVoided(_, _, _, let differences) = event.event { voided = differences }
        engine.progress(.event(event, writer.record))
    }

    /// Somebody else may change the environment now: every effect of ours ends, and nothing more is written.
    private mutating func lose(_ resource: String) async throws(LedgerError) {
        halt = .leaseLost(resource: resource)
        await abandon()
        try await reload()
    }

    /// What is to be done, with the events that must be durable before: intents are added to the run, not yet saved.
    private mutating func intend() async throws(LedgerError) -> [Intent] {
        var intents: [Intent] = []
        for action in run.next(jobs: terms.jobs, only: terms.scope.begun) {
            switch action {
            case .stop(let stage, let attempt):
                intents.append(.stop(StageKey(stage: stage, attempt: attempt)))
            case .timeout(let stage, let attempt, let span):
                let key = StageKey(stage: stage, attempt: attempt)
                if case .interrupted = halt {
                    intents.append(.stop(key))
                } else {
                    intents.append(.timer(Timer(key: key, kind: .timeout), span))
                }
            case .wake(let stage, let attempt, let span):
                intents.append(.timer(Timer(key: StageKey(stage: stage, attempt: attempt), kind: .backoff), span))
            case .observe(let stage, let attempt):
                let key = StageKey(stage: stage, attempt: attempt)
                if case .interrupted = halt {
                    // Looking changes nothing: it is given up, and whoever comes next looks again.
                    intents.append(.stop(key))
                } else if halt == nil, terms.scope.looks(at: stage, of: run), try await mayLook(at: stage) {
                    intents.append(.observe(key))
                }
            case .perform(let name, let attempt):
                let key = StageKey(stage: name, attempt: attempt)
                guard halt == nil, let stage = run.stage(name), let end = try await mayBegin(stage, key) else { continue }
                let started = RunEvent.started(
                    stage: name, attempt: attempt, key: key.text(in: run.id), driver: world.driver,
                    deadline: stage.policy.timeout)
                do throws(RunError) { try writer.add(world.stamp(started)) } catch { continue }
                intents.append(.perform(key, until: end))
            }
        }
        return intents
    }

    /// Something to be saved, with what it means for an environment: both, or neither.
    private struct Happening {
        var event: RunEvent
        var environment: EnvironmentName?
        var consequences: [EnvironmentEvent] = []
    }

    private enum Intent {
        case perform(StageKey, until: Int64)
        case observe(StageKey)
        case stop(StageKey)
        case timer(Timer, TimeSpan)
    }

    private mutating func begin(_ intent: Intent) {
        switch intent {
        case .perform(let key, let end):
            let mailbox = mailbox
            work(on: key) { effects, attempt in
                await effects.perform(attempt, until: end) { mailbox.put(.launched(key, $0)) }
            }
            // Saving the intent took some of the time.
            begin(.timer(Timer(key: key, kind: .timeout), TimeSpan(milliseconds: end - world.uptime())))
        case .observe(let key):
            let started = writer.record.timings[key.stage]?.started ?? 0
            work(on: key) { effects, attempt in
                await effects.observe(attempt, until: started + attempt.stage.policy.timeout.milliseconds)
            }
        case .stop(let key):
            stop(key)
        case .timer(let timer, let span):
            guard timers[timer] == nil, timer.kind == .backoff || tasks[timer.key] != nil else { return }
            let (mailbox, world) = (mailbox, engine.world)
            timers[timer] = Task(executorPreference: engine.executor) {
                do { try await world.sleep(span.duration) } catch { return }
                mailbox.put(.timer(timer))
            }
        }
    }

    private mutating func stop(_ key: StageKey) {
        guard let task = tasks[key], stopping.insert(key).inserted else { return }
        task.cancel()
    }

    /// Begins a task for an attempt, unless there is one.
    private mutating func work(
        on key: StageKey, _ body: @escaping @Sendable (any Effects, PlannedAttempt) async -> Outcome
    ) {
        guard tasks[key] == nil, let stage = run.stage(key.stage) else { return }
        let attempt = PlannedAttempt(key: key, run: run.id, plan: run.plan, stage: stage, inputs: run.inputs(of: stage))
        let (mailbox, effects) = (mailbox, engine.effects)
        tasks[key] = Task(executorPreference: engine.executor) {
            mailbox.put(.outcome(key, await body(effects, attempt)))
        }
    }

    /// The event that an outcome is.
    ///
    /// The run is not changed here.
    private func event(for outcome: Outcome, of key: StageKey, wasStopped: Bool) -> RunEvent {
        let stage = key.stage
        let attempt = key.attempt
        switch outcome {
        case .succeeded(let artifact, let how, let note, _):
            return .succeeded(stage: stage, attempt: attempt, artifact: artifact, how: how, note: note)
        case .waiting(let change, let commits):
            return .approvalRequested(stage: stage, attempt: attempt, change: change, commits: commits)
        case .voided(let differences):
            let approval = run.stage(stage)?.inputs["approval"] ?? stage
            return .approvalVoided(stage: stage, attempt: attempt, approval: approval, differences: differences)
        case .failed(let failure, _):
            if wasStopped { return .stopped(stage: stage, attempt: attempt) }
            return .failed(stage: stage, attempt: attempt, failure: failure, jitter: Int(world.random() % 1001))
        case .notDone(let note):
            return .absolved(stage: stage, attempt: attempt, note: note)
        case .undecided(let failure):
            return .undecided(stage: stage, attempt: attempt, failure: failure)
        }
    }
}

extension Outcome {
    /// The events for the environment's journal; a failure that we ourselves brought about says nothing about a release.
    fileprivate func events(whenStopped wasStopped: Bool) -> [EnvironmentEvent]? {
        switch self {
        case .succeeded(_, _, _, let events): events.isEmpty ? nil : events
        case .failed(_, let events): events.isEmpty || wasStopped ? nil : events
        default: nil
        }
    }
}
