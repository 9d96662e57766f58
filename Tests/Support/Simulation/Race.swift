package import Conductor
import Journal
import Pipeline
import Records
import Synchronization

/// A driver alone with those who write the journal of its run, in fair weather.
package struct Race: Sendable {
    /// How the drive came to rest; nil when it gave up.
    package var end: DriveEnd?
    /// How often somebody else was first.
    package var lost: Int

    /// Drives a run while somebody else is first `rivals` times in a row.
    package static func run(against rivals: Int, seed: UInt64) -> Race {
        let scheduler = Scheduler(seed: seed)
        let race = Mutex(Race(end: nil, lost: 0))
        _ = scheduler.run {
            let store = MemoryStore(scheduler: scheduler)
            let scene = Scene(scheduler: scheduler)
            let process = Process(number: 1, on: Host("left", boot: "left", offset: 0), scheduler: scheduler)
            var wire = Wire(store: store, process: process) { .fair }
            guard let plan = try? Script.plan(commit: 0), let journal = JournalName("run/run1") else { return }
            let first = RunEvent.created(id: "run1", plan: plan, goal: plan.stages.map(\.name), reason: "race")
            guard let writer = try? await Ledger(wire).create(Stamped(first, at: scheduler.now, by: "ada")) else { return }
            let word = Stamped(RunEvent.goalExtended(to: []), at: scheduler.now, by: "bob").bytes
            wire.rivals = {
                guard let head = store.head(of: journal), race.withLock({ $0.lost < rivals }) else { return }
                race.withLock { $0.lost += 1 }
                _ = try? store.append([Append(journal, expected: head.position, bodies: [word])], under: [])
            }
            let ledger = Ledger(wire)
            let engine = Engine(
                world: World(of: process, in: scene) { $0.id == process.driver.id }, ledger: ledger,
                effects: SimulatedEffects(scene: scene, process: process) { .fair }, executor: scheduler)
            let driven = try? await engine.drive(
                RunWriter(writer.record, in: ledger), on: DriveTerms(jobs: 3), interrupts: process.interrupts)
            race.withLock { $0.end = driven?.end }
        }
        return race.withLock { $0 }
    }
}
