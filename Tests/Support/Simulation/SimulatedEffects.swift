import Conductor
import Hashing
import Pipeline

/// Effects of one simulated process: programs that take their time, fail at times, and go on when their shipit is gone.
struct SimulatedEffects: Effects {
    let scene: Scene
    let process: Process
    let weather: @Sendable () -> Weather

    private var scheduler: Scheduler { process.scheduler }
    private static let gone = Outcome.failed(Failure(code: "gone", message: "The process is gone."), events: [])

    func perform(
        _ attempt: PlannedAttempt, until end: Int64, launched: @escaping @Sendable (Launch) -> Void
    ) async -> Outcome {
        let (run, stage) = (attempt.run, attempt.stage)
        do { try await process.gate() } catch { return Self.gone }
        if let approve = stage.kind.value as? Approve {
            guard let target = attempt.plan.project.environments[approve.target]?.target else { return Self.gone }
            return .waiting(
                Change(
                    environment: approve.target, images: [:], schema: nil, manifest: SHA256Sum(of: "manifest"), values: [:],
                    target: target, policy: .required), nil)
        }
        // As the real performers: whoever slept begins nothing whose time is over.
        guard scheduler.now < end, !Task.isCancelled else {
            return .failed(Failure(code: "late", message: "Its time was over before it began."), events: [])
        }
        if isFoundBefore(stage), scene.count(run, stage.name) > 0 {
            return .succeeded(nil, how: .reused, note: nil, events: [])
        }
        let isFailing = !weather().isFair && scheduler.once(in: 15)
        let child = Scene.Child(
            run: run, key: attempt.key, driver: process.driver,
            resource: stage.kind.value is RunCommand
                ? "\(run)/\(stage.name)" : stage.kind.value.changesEnvironment ? stage.lock : nil)
        let number = scene.begin(child)
        launched(Launch(program: "program", pid: Int32(number), started: "\(number)"))
        let work = Task(executorPreference: scheduler) { await live(number, child, stage, isFailing: isFailing) }
        let isDone = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            if !process.isDead { scene.tell(number) }
        }
        do { try await process.gate() } catch { return Self.gone }
        guard isDone else {
            return .failed(Failure(code: "failed", message: "It failed.", isPassing: true), events: [])
        }
        return .succeeded(nil, how: .performed, note: nil, events: [])
    }

    /// The life of a program: until it has acted and ended, or somebody ends it.
    ///
    /// - Returns: whether it came to its end with its work done.
    private func live(_ number: Int, _ child: Scene.Child, _ stage: PlannedStage, isFailing: Bool) async -> Bool {
        let longest = Int(stage.policy.timeout.milliseconds) * 9 / 10
        let acts = scheduler.now + Int64(scheduler.random(in: 10...longest))
        let ends = acts + Int64(scheduler.random(in: 0...5000))
        var hasActed = false
        while scheduler.now < ends {
            if !hasActed, scheduler.now >= acts, !isFailing {
                hasActed = true
                if !isFoundBefore(stage) || scene.count(child.run, stage.name) == 0 { scene.act(child) }
            }
            // Some programs end at once, others finish first.
            if scene.isTold(number), number.isMultiple(of: 2) || !hasActed {
                scene.end(number)
                return false
            }
            let next = hasActed ? ends : min(acts, scheduler.now + 700)
            try? await scheduler.sleep(.milliseconds(max(1, next - scheduler.now)))
        }
        if !hasActed, !isFailing, !isFoundBefore(stage) || scene.count(child.run, stage.name) == 0 { scene.act(child) }
        scene.end(number)
        return !isFailing
    }

    func observe(_ attempt: PlannedAttempt, until deadline: Int64) async -> Outcome {
        let (run, stage) = (attempt.run, attempt.stage)
        while true {
            do { try await process.gate() } catch { return Self.gone }
            let survivors = scene.survivors(of: attempt.key, in: run, seenBy: process)
            if survivors.isEmpty || Task.isCancelled { break }
            if process.host.clock(at: scheduler.now) > deadline { for survivor in survivors { scene.tell(survivor) } }
            try? await scheduler.sleep(.milliseconds(500))
        }
        let isThere = scene.count(run, stage.name) > 0
        switch stage.kind.value {
        case is Approve, is Verify: return .notDone("it is made again")
        case let command as RunCommand where command.check == nil:
            return .undecided(Failure(code: "indeterminate", message: "Nobody knows."))
        default:
            return isThere ? .succeeded(nil, how: .observed, note: nil, events: []) : .notDone("it is not there")
        }
    }

    /// Whether the stage looks before it acts, as a push and a migration do; a deploy does not.
    private func isFoundBefore(_ stage: PlannedStage) -> Bool {
        stage.kind.value is Build || stage.kind.value is Migrate || stage.kind.value is Verify
    }
}

extension PlannedStage {
    /// The environment that nobody else may be at work on.
    var lock: String? { kind.value.environment.map { "environment/\($0)" } }
}
