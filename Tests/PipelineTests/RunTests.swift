import Testing

@testable import Pipeline

/// What follows from single events; the rules that hold for all runs are in RunPropertyTests.
@Suite struct RunTests {
    private static let change = Samples.change()

    private func run(
        _ predecessors: [[Int]], approvals: Set<Int> = [], consuming: Set<Int> = [], policy: StagePolicy = RunCommand.policy,
        goal: [Int]? = nil, _ events: RunEvent...
    ) throws -> Run {
        let plan = Samples.plan(predecessors: predecessors, approvals: approvals, consuming: consuming, policy: policy)
        let goal = goal.map { $0.map(Samples.stage) } ?? plan.stages.map(\.name)
        return try Run(replaying: [.created(id: "r", plan: plan, goal: goal, reason: "test")] + events)
    }

    private func words(_ run: Run) -> [String] { run.states.map(\.word) }

    private static let s0 = Samples.stage(0)
    private static let s1 = Samples.stage(1)
    private static let retrying = StagePolicy(timeout: .minutes(1), retries: 2)

    @Test func `performs what waits for nothing, at most as many as there are jobs`() throws {
        let run = try run([[], [], [0], []])
        #expect(run.next(jobs: 2) == [.perform(stage: Self.s0, attempt: 1), .perform(stage: Self.s1, attempt: 1)])
        #expect(run.next(jobs: 2, only: [Samples.stage(3)]) == [.perform(stage: Samples.stage(3), attempt: 1)])
        #expect(run.status == .running)
    }

    @Test func `what others are at work on takes no place of one who was asked for some stages`() throws {
        let run = try run([[], [], []], .start(Self.s0))
        #expect(run.next(jobs: 1, only: [Self.s1]).contains(.perform(stage: Self.s1, attempt: 1)))
        #expect(!run.next(jobs: 1).contains(.perform(stage: Self.s1, attempt: 1)))
    }

    @Test func `only the goal and what it waits for is wanted`() throws {
        var run = try run([[], [0], [1], []], goal: [1])
        #expect(run.states.indices.map { run.isWanted[$0] } == [true, true, false, false])
        for event in [RunEvent.start(Self.s0), .success(Self.s0), .start(Self.s1), .success(Self.s1)] { try run.apply(event) }
        #expect(run.status == .reached)
        #expect(run.next(jobs: 9).isEmpty)
        try run.apply(.goalExtended(to: [Samples.stage(2)]))
        #expect(run.next(jobs: 9) == [.perform(stage: Samples.stage(2), attempt: 1)])
        #expect(run.openStages == [Samples.stage(2)])
    }

    @Test func `tries again after a failure that may pass, as often as its policy says`() throws {
        var run = try run([[]], policy: Self.retrying, .start(Self.s0), .failure(Self.s0, passing: true))
        for attempt in 1...2 {
            #expect(
                run.next(jobs: 1) == [
                    .wake(stage: Self.s0, attempt: attempt, after: Self.retrying.pause(after: attempt, jitter: 500))
                ])
            #expect(run.status == .running)
            try run.apply(.backoffElapsed(stage: Self.s0, attempt: attempt))
            try run.apply(.start(Self.s0, attempt + 1))
            try run.apply(.failure(Self.s0, attempt + 1, passing: true))
        }
        #expect(words(run) == ["failed"])
        #expect(run.status == .failed)
    }

    @Test func `does not try again what failed for good`() throws {
        let run = try run([[], [0]], policy: Self.retrying, .start(Self.s0), .failure(Self.s0))
        #expect(words(run) == ["failed", "blocked"])
    }

    @Test func `ends what takes too long, and says so`() throws {
        var run = try run([[]], policy: Self.retrying, .start(Self.s0))
        #expect(run.next(jobs: 1) == [.timeout(stage: Self.s0, attempt: 1, after: .minutes(10))])
        try run.apply(.timedOut(stage: Self.s0, attempt: 1))
        #expect(run.next(jobs: 1) == [.stop(stage: Self.s0, attempt: 1)])
        try run.apply(.stopped(stage: Self.s0, attempt: 1))
        #expect(run.states[0].failure?.code == "timeout")
    }

    @Test func `what failed is made again, with all that it had blocked and nothing that is done`() throws {
        // s3 waits for s1 and s2, s4 for s3; s0 is done before s1 and s2.
        var run = try run(
            [[], [0], [0], [1, 2], [3]], policy: Self.retrying, .start(Self.s0), .success(Self.s0), .start(Self.s1),
            .start(Samples.stage(2)), .failure(Self.s1), .failure(Samples.stage(2)))
        #expect(words(run) == ["succeeded", "failed", "failed", "blocked", "blocked"])
        #expect(run.retryable == [Self.s1, Samples.stage(2)])
        var one = run
        try one.apply(.retried(stages: [Self.s1], reason: "again"))
        #expect(words(one) == ["succeeded", "ready", "failed", "blocked", "blocked"])
        #expect(one.next(jobs: 9) == [.perform(stage: Self.s1, attempt: 2)])
        try run.apply(.retried(stages: run.retryable, reason: "again"))
        #expect(words(run) == ["succeeded", "ready", "ready", "pending", "pending"])
        #expect(run.status == .interrupted, "nobody drives it yet")
        // The policy counts from here on: two retries, of which none was used.
        try run.apply(.start(Self.s1, 2))
        try run.apply(.failure(Self.s1, 2, passing: true))
        #expect(run.states[1].word == "backing-off")
        #expect(throws: RunError.self, "it is done") { try run.apply(.retried(stages: [Self.s0], reason: "again")) }
        try run.apply(.cancelRequested(reason: "enough"))
        #expect(throws: RunError.self, "the run is cancelled") { try run.apply(.retried(stages: [Self.s1], reason: "again")) }
    }

    @Test func `what nobody can tell is made again when a person says so`() throws {
        var run = try run(
            [[], [0]], .start(Self.s0), .doubted(stage: Self.s0, attempt: 1, reason: "its driver is gone"),
            .undecided(stage: Self.s0, attempt: 1, failure: Failure(code: "x", message: "Nobody knows.")))
        #expect(run.status == .indeterminate)
        try run.apply(.retried(stages: [Self.s0], reason: "it had no effect"))
        #expect(run.next(jobs: 9) == [.perform(stage: Self.s0, attempt: 2)])
    }

    @Test func `what is left out lets those go on that only wait for it`() throws {
        // s1 takes what s0 makes; s2 only waits for it.
        var run = try run([[], [0], [0]], consuming: [1], .start(Self.s0), .failure(Self.s0))
        #expect(words(run) == ["failed", "blocked", "blocked"])
        try run.apply(.skipped(stage: Self.s0, reason: "not needed"))
        #expect(words(run) == ["skipped", "blocked", "ready"])
    }

    @Test func `who waits for an approval, directly or not, is known to wait`() throws {
        let run = try run(
            [[], [0], [1]], approvals: [0], .start(Self.s0), .approvalRequested(stage: Self.s0, attempt: 1, change: Self.change))
        #expect(run.awaited(by: Self.s0) == [])
        #expect(run.awaited(by: Self.s1) == [Self.s0])
        #expect(run.awaited(by: Samples.stage(2)) == [Self.s1])
    }

    @Test func `a cancelled run ends when a person says what became of what nobody can tell`() throws {
        var run = try run(
            [[], [0]], .start(Self.s0), .doubted(stage: Self.s0, attempt: 1, reason: "its driver is gone"),
            .undecided(stage: Self.s0, attempt: 1, failure: Failure(code: "x", message: "Nobody knows.")),
            .cancelRequested(reason: "enough"))
        #expect(run.status == .indeterminate)
        try run.apply(.skipped(stage: Self.s0, reason: "it is done"))
        #expect(run.status == .cancelled)
        #expect(words(run) == ["skipped", "cancelled"])
    }

    @Test func `an approval is never left out, and a rejected one not asked for again`() throws {
        var run = try run([[], [0]], approvals: [0])
        #expect(throws: RunError.self) { try run.apply(.skipped(stage: Self.s0, reason: "in a hurry")) }
        for event in [
            RunEvent.start(Self.s0), .approvalRequested(stage: Self.s0, attempt: 1, change: Self.change),
            .rejected(stage: Self.s0, reason: "no"),
        ] { try run.apply(event) }
        #expect(throws: RunError.self) { try run.apply(.skipped(stage: Self.s0, reason: "in a hurry")) }
        #expect(throws: RunError.self) { try run.apply(.retried(stages: [Self.s0], reason: "ask again")) }
        #expect(run.retryable == [])
    }

    @Test func `an approval covers one Change, and stages get it as their input`() throws {
        var run = try run(
            [[], [0]], approvals: [0], consuming: [1], .start(Self.s0),
            .approvalRequested(stage: Self.s0, attempt: 1, change: Self.change))
        #expect(run.status == .waiting)
        #expect(run.next(jobs: 9).isEmpty)
        #expect(run.waitingApprovals.map(\.change) == [Self.change])
        #expect(throws: RunError.self) { try run.apply(.approved(stage: Self.s0, change: Samples.sum("another"), comment: nil)) }
        try run.apply(.approved(stage: Self.s0, change: Self.change.sum, comment: nil))
        #expect(
            run.inputs(of: run.plan.stages[1]).values
                == ["port-0": .approval(Approval(environment: Samples.production, change: Self.change))])
        #expect(run.next(jobs: 9) == [.perform(stage: Self.s1, attempt: 1)])
    }

    @Test func `a rejected Change fails the run`() throws {
        let run = try run(
            [[], [0]], approvals: [0], .start(Self.s0), .approvalRequested(stage: Self.s0, attempt: 1, change: Self.change),
            .rejected(stage: Self.s0, reason: "no"))
        #expect(words(run) == ["failed", "blocked"])
        #expect(run.status == .failed)
    }

    @Test func `a voided approval is asked for anew before anything else begins`() throws {
        // s1 and s2 wait for the approval s0; s1 pauses when s2 finds that the approval does not cover what it would do.
        let stage2 = Samples.stage(2)
        var run = try run(
            [[], [0], [0]], approvals: [0], policy: Self.retrying, .start(Self.s0),
            .approvalRequested(stage: Self.s0, attempt: 1, change: Self.change),
            .approved(stage: Self.s0, change: Self.change.sum, comment: nil),
            .start(Self.s1), .start(stage2), .failure(Self.s1, passing: true),
            .approvalVoided(stage: stage2, attempt: 1, approval: Self.s0, differences: ["value X"]))
        #expect(run.voided == ["value X"])
        #expect(run.artifacts.isEmpty)
        #expect(run.next(jobs: 9) == [.perform(stage: Self.s0, attempt: 2)])
        #expect(throws: RunError.self) { try run.apply(.backoffElapsed(stage: Self.s1, attempt: 1)) }
        for event in [
            RunEvent.start(Self.s0, 2), .approvalRequested(stage: Self.s0, attempt: 2, change: Self.change),
            .approved(stage: Self.s0, change: Self.change.sum, comment: nil),
        ] { try run.apply(event) }
        #expect(run.voided == [])
        #expect(run.next(jobs: 9) == [.perform(stage: Self.s1, attempt: 2), .perform(stage: stage2, attempt: 2)])
    }

    @Test func `two stages may find at the same time that the approval does not cover them`() throws {
        let stage2 = Samples.stage(2)
        let run = try run(
            [[], [0], [0]], approvals: [0], .start(Self.s0), .approvalRequested(stage: Self.s0, attempt: 1, change: Self.change),
            .approved(stage: Self.s0, change: Self.change.sum, comment: nil), .start(Self.s1), .start(stage2),
            .approvalVoided(stage: Self.s1, attempt: 1, approval: Self.s0, differences: ["value X"]),
            .approvalVoided(stage: stage2, attempt: 1, approval: Self.s0, differences: ["value X"]))
        #expect(words(run) == ["ready", "pending", "pending"])
    }

    @Test func `an approval can be voided only by a stage that waits for it`() throws {
        var run = try run(
            [[], []], approvals: [0], .start(Self.s0), .approvalRequested(stage: Self.s0, attempt: 1, change: Self.change),
            .approved(stage: Self.s0, change: Self.change.sum, comment: nil), .start(Self.s1))
        #expect(throws: RunError.self) {
            try run.apply(.approvalVoided(stage: Self.s1, attempt: 1, approval: Self.s0, differences: []))
        }
        #expect(words(run) == ["succeeded", "running"])
    }

    @Test func `what was in doubt when its approval was voided waits for the new one`() throws {
        let stage2 = Samples.stage(2)
        let run = try run(
            [[], [0], [0]], approvals: [0], .start(Self.s0), .approvalRequested(stage: Self.s0, attempt: 1, change: Self.change),
            .approved(stage: Self.s0, change: Self.change.sum, comment: nil), .start(Self.s1), .start(stage2),
            .doubted(stage: Self.s1, attempt: 1, reason: "gone"),
            .approvalVoided(stage: stage2, attempt: 1, approval: Self.s0, differences: []),
            .absolved(stage: Self.s1, attempt: 1, note: "nothing done"))
        #expect(words(run) == ["ready", "pending", "pending"])
    }

    @Test func `what is in doubt is looked at, never repeated by itself`() throws {
        var run = try run(
            [[], [0]], policy: Self.retrying, .start(Self.s0), .doubted(stage: Self.s0, attempt: 1, reason: "gone"))
        #expect(run.next(jobs: 1) == [.observe(stage: Self.s0, attempt: 1)])
        #expect(run.status == .interrupted)
        // The look itself failed, in a way that may pass: that says nothing of the effect.
        try run.apply(.failure(Self.s0, passing: true))
        #expect(words(run) == ["indeterminate", "pending"])
        #expect(run.status == .indeterminate)
        #expect(run.next(jobs: 1).isEmpty)
        // Whoever takes the run up looks again.
        try run.apply(.resumed(Samples.driver))
        #expect(run.next(jobs: 1) == [.observe(stage: Self.s0, attempt: 1)])
        try run.apply(.absolved(stage: Self.s0, attempt: 1, note: "nothing done"))
        #expect(run.next(jobs: 1) == [.perform(stage: Self.s0, attempt: 2)])
    }

    @Test func `who skips a stage does without what it would have produced`() throws {
        var run = try run([[], [0], [0], [1]], consuming: [1], .skipped(stage: Self.s0, reason: "by hand"))
        #expect(words(run) == ["skipped", "blocked", "ready", "blocked"])
        for event in [RunEvent.start(Samples.stage(2)), .success(Samples.stage(2))] { try run.apply(event) }
        #expect(run.status == .failed)
    }

    @Test func `cancelling ends what has not begun at once, and waits for what has`() throws {
        var run = try run([[], [], [0]], .start(Self.s0), .cancelRequested(reason: "enough"))
        #expect(words(run) == ["running", "cancelled", "cancelled"])
        #expect(run.next(jobs: 9) == [.stop(stage: Self.s0, attempt: 1)])
        try run.apply(.stopped(stage: Self.s0, attempt: 1))
        #expect(run.next(jobs: 9) == [.observe(stage: Self.s0, attempt: 1)])
        try run.apply(.absolved(stage: Self.s0, attempt: 1, note: "nothing done"))
        #expect(run.status == .cancelled)
        #expect(run.openStages.isEmpty)
    }

    @Test func `an interrupted run can be taken up`() throws {
        var run = try run([[]], .interrupted(driver: "d1", signal: "INT"))
        #expect(run.status == .interrupted)
        try run.apply(.resumed(Samples.driver))
        #expect(run.status == .running)
    }

    @Test(
        arguments: [
            .created(id: "r", plan: Samples.plan(predecessors: []), goal: [], reason: ""),
            .start(Samples.stage(1)), .start(s0, 2), .start(Samples.stage(7)), .success(s0), .success(Samples.stage(1)),
            .failure(s0, 2),
            .timedOut(stage: s0, attempt: 1), .backoffElapsed(stage: s0, attempt: 1), .goalExtended(to: [s0, Samples.stage(9)]),
            .approvalRequested(stage: s0, attempt: 1, change: change), .approved(stage: s0, change: change.sum, comment: nil),
            .rejected(stage: s0, reason: ""), .stopped(stage: s0, attempt: 1), .doubted(stage: s0, attempt: 1, reason: ""),
            .absolved(stage: s0, attempt: 1, note: ""),
            .undecided(stage: s0, attempt: 1, failure: Failure(code: "x", message: "x")),
            .approvalVoided(stage: s1, attempt: 1, approval: s0, differences: []),
        ] as [RunEvent])
    func `refuses what cannot follow and stays as it was`(event: RunEvent) throws {
        var run = try run([[], [0]])
        #expect(throws: RunError.self) { try run.apply(event) }
        #expect(words(run) == ["ready", "pending"])
        #expect(run.goal.count == 2)
    }

    @Test func `refuses a journal that does not begin with the creation, and a goal outside the plan`() {
        #expect(throws: RunError.self) { try Run(replaying: []) }
        #expect(throws: RunError.self) { try Run(.resumed(Samples.driver)) }
        #expect(throws: RunError.self) {
            try Run(.created(id: "r", plan: Samples.plan(predecessors: [[]]), goal: [Samples.stage(5)], reason: ""))
        }
    }
}
