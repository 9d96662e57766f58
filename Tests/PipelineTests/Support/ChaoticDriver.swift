import Randomness
import Testing

@testable import Pipeline

/// Drives a run through whatever can happen, by chance, and checks after every event what must always hold.
struct ChaoticDriver {
    /// What is compared with a replay.
    struct Snapshot: Equatable {
        var states: [Run.StageState]
        var artifacts: [StageName: ArtifactValue]
        var goal: [StageName]
        var attempts: [Int]
        var voided: [String]
        var status: RunStatus
        var actions: [Action]
        var open: [StageName]

        init(_ run: Run, jobs: Int) {
            states = run.states
            artifacts = run.artifacts
            goal = run.goal
            attempts = run.attempts
            voided = run.voided
            status = run.status
            actions = run.next(jobs: jobs)
            open = run.openStages
        }
    }

    struct Broken: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var run: Run
    private(set) var events: [RunEvent]
    private(set) var snapshots: [Snapshot]
    let jobs: Int
    private var chance: Chance
    /// Stages that are done, until an approval is voided.
    private var done: Set<StageName> = []

    init(chance seeded: Chance) throws {
        var chance = seeded
        let count = Int.random(in: 1...14, using: &chance)
        let predecessors = GraphTests.randomGraph(&chance, count: count, cyclic: false)
        let approvals = Set((0..<count).filter { _ in chance.once(in: 5) })
        let consuming = Set((0..<count).filter { _ in chance.once(in: 3) })
        let policy = StagePolicy(timeout: .minutes(1), retries: Int.random(in: 0...2, using: &chance))
        let plan = Samples.plan(predecessors: predecessors, approvals: approvals, consuming: consuming, policy: policy)
        let goal = plan.stages.map(\.name).filter { _ in !chance.once(in: 3) }
        let created = RunEvent.created(id: "r", plan: plan, goal: goal, reason: "chaos")
        jobs = Int.random(in: 1...4, using: &chance)
        run = try Run(created)
        events = [created]
        snapshots = [Snapshot(run, jobs: jobs)]
        self.chance = chance
    }

    /// The stages with what they wait for, and the events, a line each.
    var history: String {
        let stages = run.plan.stages.map { "\($0.name): \($0.kind.keyword) after \($0.predecessors)" }
        return (stages + events.dropFirst().map { String("\($0)".prefix(70)) }).joined(separator: "\n")
    }

    /// Lets things happen until nothing follows; `steps` bounds the part in which people and machines intervene.
    mutating func drive(steps: Int) throws {
        for _ in 0..<steps {
            if chance.once(in: 4) { try intervene() } else { _ = try proceed() }
        }
        // Now nobody intervenes any more: the run must come to rest.
        var left = 2000
        while try proceed() {
            left -= 1
            guard left > 0 else { throw Broken(description: "it does not come to rest: \(run.states.map(\.word))") }
        }
        guard run.states.allSatisfy({ if case .running = $0 { false } else { true } }), run.status != .running else {
            throw Broken(description: "nothing follows and it is \(run.status): \(run.states.map(\.word))")
        }
        if run.isCancelling, run.status != .cancelled, run.status != .indeterminate {
            throw Broken(description: "it was cancelled and is \(run.status)")
        }
    }

    /// Does one of the actions; false when there is none.
    private mutating func proceed() throws -> Bool {
        guard let action = run.next(jobs: jobs).randomElement(using: &chance) else { return false }
        switch action {
        case .perform(let stage, let attempt): try take(.start(stage, attempt))
        case .wake(let stage, let attempt, _): try take(.backoffElapsed(stage: stage, attempt: attempt))
        case .stop(let stage, let attempt):
            try take(chance.once(in: 4) ? .success(stage, attempt) : .stopped(stage: stage, attempt: attempt))
        case .observe(let stage, let attempt):
            switch Int.random(in: 0...5, using: &chance) {
            case 0: try take(.undecided(stage: stage, attempt: attempt, failure: Failure(code: "x", message: "Nobody knows.")))
            case 1: try take(.failure(stage, attempt, passing: chance.once(in: 2)))
            case 2, 3: try take(.absolved(stage: stage, attempt: attempt, note: "nothing done"))
            default: try take(.succeeded(stage: stage, attempt: attempt, artifact: nil, how: .observed, note: nil))
            }
        case .timeout(let stage, let attempt, _): try finish(stage, attempt)
        }
        return true
    }

    private mutating func finish(_ stage: StageName, _ attempt: Int) throws {
        guard let planned = run.stage(stage) else { return }
        if planned.kind.value is Approve, !chance.once(in: 4) {
            return try take(
                .approvalRequested(
                    stage: stage, attempt: attempt, change: Samples.change(api: "\(Int.random(in: 0...3, using: &chance))")))
        }
        let approvals = planned.predecessors.filter { run.stage($0)?.kind.value is Approve }
        if let approval = approvals.randomElement(using: &chance), chance.once(in: 4) {
            return try take(.approvalVoided(stage: stage, attempt: attempt, approval: approval, differences: ["value X"]))
        }
        switch Int.random(in: 0...10, using: &chance) {
        case 10:
            try take(.launched(stage: stage, attempt: attempt, launch: Launch(program: "docker", pid: 7, started: "1")))
        case 0: try take(.failure(stage, attempt))
        case 1: try take(.failure(stage, attempt, passing: true))
        case 2: try take(.timedOut(stage: stage, attempt: attempt))
        case 3: try take(.doubted(stage: stage, attempt: attempt, reason: "its driver is gone"))
        case 4: try take(.stopped(stage: stage, attempt: attempt))
        default: try take(.success(stage, attempt))
        }
    }

    /// What people and other processes do.
    private mutating func intervene() throws {
        let stages = run.plan.stages.map(\.name)
        guard let stage = stages.randomElement(using: &chance) else { return }
        switch Int.random(in: 0...13, using: &chance) {
        case 12: try attempt(.retried(stages: stages.filter { _ in chance.once(in: 3) }, reason: "again"))
        case 13: try attempt(.retried(stages: run.retryable, reason: "again"))
        case 0 where chance.once(in: 3): try take(.cancelRequested(reason: "enough"))
        case 1: try take(.goalExtended(to: [stage]))
        case 2: try take(.resumed(Samples.driver))
        case 3: try take(.interrupted(driver: "d1", signal: "INT"))
        case 4 where chance.once(in: 3): try attempt(.skipped(stage: stage, reason: "by hand"))
        case 5...8:
            guard let waiting = run.waitingApprovals.randomElement(using: &chance) else { return }
            try take(
                chance.once(in: 5)
                    ? .rejected(stage: waiting.stage, reason: "no")
                    : .approved(stage: waiting.stage, change: waiting.change.sum, comment: nil))
        default: try attempt(nonsense(stage))
        }
    }

    private mutating func nonsense(_ stage: StageName) -> RunEvent {
        let attempt = Int.random(in: 0...3, using: &chance)
        return switch Int.random(in: 0...5, using: &chance) {
        case 0: .start(stage, attempt)
        case 1: .backoffElapsed(stage: stage, attempt: attempt)
        case 2: .success(stage, attempt)
        case 3: .absolved(stage: stage, attempt: attempt, note: "")
        case 4: .approved(stage: stage, change: Samples.sum("another"), comment: nil)
        default: .timedOut(stage: stage, attempt: attempt)
        }
    }

    /// An event that may be impossible now: then nothing may change.
    private mutating func attempt(_ event: RunEvent) throws {
        var copy = run
        do throws(RunError) {
            try copy.apply(event)
        } catch {
            guard Snapshot(copy, jobs: jobs) == snapshots.last else {
                throw Broken(description: "a refused event changed the run: \(event)")
            }
            return
        }
        try take(event)
    }

    private mutating func take(_ event: RunEvent) throws {
        if case .started(let stage, _, _, _, _) = event { try expectStartable(stage, underWay: run.running.count) }
        do throws(RunError) {
            try run.apply(event)
        } catch {
            throw Broken(description: "\(event) was refused: \(error)")
        }
        events.append(event)
        snapshots.append(Snapshot(run, jobs: jobs))
        for (stage, state) in zip(run.plan.stages, run.states) where state.word == "succeeded" { done.insert(stage.name) }
        if case .approvalVoided(_, _, let approval, _) = event { done.remove(approval) }
        try expectConsistent()
    }

    private func expectStartable(_ stage: StageName, underWay: Int) throws {
        guard !done.contains(stage) else { throw Broken(description: "\(stage) is begun again after its success") }
        for before in run.stage(stage)?.predecessors ?? [] {
            switch run.state(of: before) {
            case .succeeded, .skipped: break
            default: throw Broken(description: "\(stage) is begun before \(before) is done")
            }
        }
    }

    /// What holds after every event.
    private func expectConsistent() throws {
        guard run.tally == recount() else { throw Broken(description: "the tally is \(run.tally), counted \(recount())") }
        for (number, stage) in run.plan.stages.enumerated() {
            let before = stage.predecessors.compactMap { run.state(of: $0)?.word }
            switch run.states[number].word {
            case "ready":
                guard run.isWanted[number], before.allSatisfy({ $0 == "succeeded" || $0 == "skipped" }) else {
                    throw Broken(description: "\(stage.name) is ready after \(before)")
                }
            case "pending":
                guard !before.contains("failed"), !before.contains("blocked") else {
                    throw Broken(description: "\(stage.name) is pending after \(before)")
                }
                if run.isWanted[number], before.allSatisfy({ $0 == "succeeded" || $0 == "skipped" }) {
                    throw Broken(description: "\(stage.name) is pending and nothing holds it")
                }
            case "blocked":
                let lacks = stage.inputs.values.contains { run.state(of: $0)?.word == "skipped" }
                guard before.contains("failed") || before.contains("blocked") || lacks else {
                    throw Broken(description: "\(stage.name) is blocked after \(before)")
                }
            default: break
            }
        }
        let open = zip(run.plan.stages, run.states).filter { stage, state in
            run.isWanted(stage.name)
                && ["pending", "ready", "running", "backing-off", "waiting", "in-doubt", "indeterminate"].contains(state.word)
        }
        guard run.openStages == open.map(\.0.name) else {
            throw Broken(description: "the open stages are \(run.openStages)")
        }
        let busy = Set(open.compactMap { $0.0.kind.value.environment })
        let environments = Set(run.plan.stages.compactMap { $0.kind.value.environment })
        guard environments.filter({ run.isOpen(in: $0) }) == busy else {
            throw Broken(description: "stages can still go on in \(busy)")
        }
        let performs = run.next(jobs: jobs).count { if case .perform = $0 { true } else { false } }
        guard performs == 0 || run.running.count + run.inDoubt.count + performs <= jobs else {
            throw Broken(description: "\(performs) more stages would be begun beside \(run.running.count)")
        }
        if run.next(jobs: jobs).isEmpty, run.running.isEmpty, run.status == .running {
            throw Broken(description: "nothing follows, and it is running: \(run.states.map(\.word))")
        }
    }

    private func recount() -> Run.Tally {
        var tally = Run.Tally()
        for (number, state) in run.states.enumerated() {
            switch state.word {
            case "ready": tally.ready += 1
            case "waiting": tally.waiting += 1
            case "failed": tally.failed += 1
            case "blocked": tally.blocked += 1
            case "indeterminate": tally.indeterminate += 1
            case "succeeded", "skipped": tally.done += 1
            default: break
            }
            guard run.isWanted[number] else { continue }
            tally.wanted += 1
            if !["succeeded", "skipped", "failed", "blocked", "cancelled"].contains(state.word) { tally.wantedOpen += 1 }
        }
        return tally
    }
}
