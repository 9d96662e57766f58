import Conductor
import Hashing
import Journal
import Pipeline
import Records
import Synchronization

/// One run of the world: real Conductors on simulated machines, with everything that can go wrong, and what must hold in the end.
public struct Simulation: Sendable {
    /// What a seed led to.
    public struct Report: Sendable {
        /// A hash of everything that was written, in its order: the same for the same seed.
        public var trace: String
        /// What must never be, and was; empty when all is well.
        public var violations: [String]
        /// How many processes there were.
        public var processes: Int
        /// How many of them were killed.
        public var kills: Int
        /// How many stages were made, each once.
        public var effects: Int
        /// All that happened, a line each.
        public var story: String
    }

    /// Runs the world of a seed.
    public static func run(seed: UInt64) -> Report {
        let stage = Stage(seed: seed)
        let isOver = stage.scheduler.run { await stage.play() }
        if !isOver { stage.note("everything waits for something that will never come") }
        return stage.report()
    }
}

/// The machines, the ledger they share, and the people before them.
private final class Stage: Sendable {
    private struct State {
        var processes: [Process] = []
        var live: [RunID: Int] = [:]
        var kills = 0
        var violations: [String] = []
        var weather = Weather()
    }

    let scheduler: Scheduler
    private let store: MemoryStore
    private let scene: Scene
    private let hosts: [Host]
    private let isCloned: Bool
    private let state = Mutex(State())
    private let runs: [RunID]
    private let person: Process

    init(seed: UInt64) {
        let scheduler = Scheduler(seed: seed)
        self.scheduler = scheduler
        store = MemoryStore(scheduler: scheduler)
        scene = Scene(scheduler: scheduler)
        // Some worlds are made by cloning machines, on which people work under accounts of their own.
        isCloned = seed.isMultiple(of: 3)
        hosts = ["left", "right"].map { [isCloned] boot in
            Host(isCloned ? "clone" : boot, boot: boot, offset: Int64(scheduler.random(in: -20_000...20_000)))
        }
        runs = (1...scheduler.random(in: 1...2)).map { "run\($0)" }
        person = Process(number: 0, on: Host("desk", boot: "desk", offset: 0), scheduler: scheduler)
    }

    private var ledger: Ledger { Ledger(Wire(store: store, process: person) { .fair }) }

    func note(_ violation: String) { state.withLock { $0.violations.append(violation) } }

    /// Faults first, then fair weather, in which everything must come to its end.
    func play() async {
        do {
            for (number, id) in runs.enumerated() { try await create(id, commit: number) }
            for _ in 0..<scheduler.random(in: 2...6) { await disturb() }
            state.withLock { $0.weather = .fair }
            for process in state.withLock({ $0.processes }) { process.wake() }
            for id in runs { try await finish(id) }
        } catch {
            note("the ledger cannot be read: \(error)")
        }
    }

    private func create(_ id: RunID, commit: Int) async throws {
        let plan = try Script.plan(commit: commit)
        let event = RunEvent.created(id: id, plan: plan, goal: plan.stages.map(\.name), reason: "simulation")
        _ = try await ledger.create(Stamped(event, at: scheduler.now, by: "ada"))
    }

    /// People and machines do what they do, and worse.
    private func disturb() async {
        for _ in 0..<scheduler.random(in: 1...3) {
            guard let id = runs.indices.contains(scheduler.random(in: 0...runs.count - 1)) ? pick(runs) : nil else { continue }
            start(id)
        }
        for _ in 0..<scheduler.random(in: 1...6) {
            try? await scheduler.sleep(.milliseconds(scheduler.random(in: 10...120_000)))
            let living = state.withLock { $0.processes.filter { !$0.isDead } }
            switch scheduler.random(in: 0...7) {
            case 0, 1:
                guard !living.isEmpty else { continue }
                pick(living).end()
                state.withLock { $0.kills += 1 }
            case 2, 3:
                guard !living.isEmpty else { continue }
                pick(living).suspend(for: .seconds(scheduler.random(in: 1...400)))
            case 4:
                guard !living.isEmpty else { continue }
                pick(living).interrupt()
            case 5: pick(hosts).jump(by: Int64(scheduler.random(in: -7_200_000...7_200_000)))
            case 6: _ = try? await approve(pick(runs))
            default: start(pick(runs))
            }
        }
    }

    private func pick<Element>(_ elements: [Element]) -> Element { elements[scheduler.random(in: 0...elements.count - 1)] }

    /// Starts a process that takes a run up, on one of the machines.
    private func start(_ id: RunID) {
        let process = state.withLock { state in
            let number = state.processes.count + 1
            let process = Process(
                number: number, on: pick(hosts), as: isCloned && number.isMultiple(of: 3) ? 1 : 0, scheduler: scheduler)
            state.processes.append(process)
            state.live[id, default: 0] += 1
            return process
        }
        scheduler.tell("\(process.driver.id) takes \(id) up on \(process.host.boot)")
        Task(executorPreference: scheduler) { [self] in
            await drive(id, process)
            process.end()
            state.withLock { $0.live[id, default: 0] -= 1 }
        }
    }

    private func drive(_ id: RunID, _ process: Process) async {
        let weather: @Sendable () -> Weather = { [self] in state.withLock { $0.weather } }
        let ledger = Ledger(Wire(store: store, process: process, weather: weather))
        let world = World(of: process, in: scene) { [self] driver in
            state.withLock { $0.processes.contains { $0.driver.id == driver.id && !$0.isDead } }
        }
        let engine = Engine(
            world: world, ledger: ledger, effects: SimulatedEffects(scene: scene, process: process, weather: weather),
            executor: scheduler)
        let terms = DriveTerms(jobs: scheduler.random(in: 1...3), patience: scheduler.once(in: 2) ? .minutes(3) : nil)
        guard let record = try? await ledger.run(id) else { return }
        _ = try? await engine.drive(RunWriter(record, in: ledger), on: terms, interrupts: process.interrupts)
    }

    /// A person approves what waits.
    private func approve(_ id: RunID) async throws {
        var writer = RunWriter(try await ledger.run(id), in: ledger)
        for waiting in writer.record.run.waitingApprovals {
            try writer.add(person(.approved(stage: waiting.stage, change: waiting.change.sum, comment: nil)))
        }
        try await writer.save()
    }

    private func person(_ event: RunEvent) -> Stamped<RunEvent> { Stamped(event, at: scheduler.now, by: "ada") }

    /// In fair weather every run comes to its end, by what the table of states offers.
    private func finish(_ id: RunID) async throws {
        for _ in 0..<60 {
            while state.withLock({ $0.live[id, default: 0] }) > 0 { try? await scheduler.sleep(.seconds(5)) }
            let run = try await ledger.run(id).run
            switch run.status {
            case .succeeded: return check(run)
            case .waiting: try? await approve(id)
            case .indeterminate, .failed: try? await decide(id)
            case .running, .interrupted, .reached: break
            case .cancelled: return note("\(id) was cancelled by nobody")
            }
            start(id)
        }
        note("\(id) does not come to its end: \(try await ledger.run(id).run.status)")
    }

    /// A person looks at what is there, and says what they saw: done already, or to be made again.
    private func decide(_ id: RunID) async throws {
        var writer = RunWriter(try await ledger.run(id), in: ledger)
        let run = writer.record.run
        for stage in run.undecided + run.retryable {
            if scene.count(id, stage) > 0, run.undecided.contains(stage) {
                try writer.add(person(.skipped(stage: stage, reason: "it is there")))
            } else {
                scene.again(id, stage)
                try writer.add(person(.retried(stages: [stage], reason: "it is not there")))
            }
        }
        try await writer.save()
    }

    /// What the journal says was done has been done.
    private func check(_ run: Run) {
        for stage in run.plan.stages where !(stage.kind.value is Approve) {
            let count = scene.count(run.id, stage.name)
            if count == 0 { note("\(run.id)/\(stage.name) is called done and was never made") }
        }
    }

    func report() -> Simulation.Report {
        var violations = state.withLock { $0.violations } + scene.violations
        for kind in JournalName.Kind.allCases {
            for head in store.heads(of: kind, before: nil, limit: 100).reversed() {
                let entries = store.read(head.journal, after: 0, limit: .max)
                if (try? Chain.verify(entries, of: head.journal)) == nil { violations.append("\(head.journal) is not intact") }
            }
        }
        let (processes, kills) = state.withLock { ($0.processes.count, $0.kills) }
        let effects = runs.reduce(0) { total, run in
            total + Script.stages.reduce(0) { $0 + (scene.count(run, $1) > 0 ? 1 : 0) }
        }
        return Simulation.Report(
            trace: store.trace.hex, violations: violations, processes: processes, kills: kills, effects: effects,
            story: scheduler.story.joined(separator: "\n"))
    }
}
