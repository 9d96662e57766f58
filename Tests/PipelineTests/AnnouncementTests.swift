import Testing

@testable import Pipeline

/// Which events people are told of, who is told, and by which words.
@Suite struct AnnouncementTests {
    /// What each event tells, when it has just been saved.
    private static func told(_ plan: Plan, _ events: [RunEvent]) throws -> [Announcement?] {
        var record: RunRecord?
        return try ([.created(id: "r1", plan: plan, goal: plan.stages.map(\.name), reason: "deploy production")] + events).map {
            let stamped = Stamped($0, at: 1_764_246_784_123, by: "ada")
            if record == nil { record = try RunRecord(stamped) } else { try record?.apply(stamped) }
            return try Announcement(of: stamped, in: #require(record))
        }
    }

    private static let failure = Failure(code: "command-failed", message: "'make' ended with exit code 2.", isPassing: true)

    @Test func `an approval that waits is told once, by whoever found it waiting`() throws {
        let plan = Samples.plan(predecessors: [[]], approvals: [0])
        let change = Samples.change()
        let told = try Self.told(
            plan,
            [
                .start(Samples.stage(0)), .approvalRequested(stage: Samples.stage(0), attempt: 1, change: change),
                .interrupted(driver: "d1", signal: "TERM"), .resumed(Samples.driver),
                .approved(stage: Samples.stage(0), change: change.sum, comment: nil),
            ])
        #expect(told.compactMap { $0?.news } == [.waiting(change: change.sum)])
        #expect(told[2]?.id == "r1/s0/1/approval.waiting")
        #expect(told[2]?.environment == Samples.production)
        #expect(told[2]?.next.first == "shipit approve r1 --continue")
    }

    @Test func `a failure that is tried again is none yet`() throws {
        let plan = Samples.plan(predecessors: [[]], policy: StagePolicy(timeout: .minutes(1), retries: 1))
        let stage = Samples.stage(0)
        let told = try Self.told(
            plan,
            [
                .start(stage), .failed(stage: stage, attempt: 1, failure: Self.failure, jitter: 0),
                .backoffElapsed(stage: stage, attempt: 1), .start(stage, 2),
                .failed(stage: stage, attempt: 2, failure: Self.failure, jitter: 0),
            ])
        #expect(told.map { $0 != nil } == [false, false, false, false, false, true])
        #expect(told.last??.id == "r1/s0/2/stage.failed" && told.last??.failure == Self.failure)
        #expect(told.last??.environment == nil)
    }

    @Test func `what nobody can tell of is told as such`() throws {
        let stage = Samples.stage(0)
        let told = try Self.told(
            Samples.plan(predecessors: [[]]),
            [
                .start(stage), .doubted(stage: stage, attempt: 1, reason: "its driver is gone"),
                .undecided(stage: stage, attempt: 1, failure: Self.failure),
            ])
        #expect(told.last??.news == .undecided(Self.failure) && told.last??.occasion == .failed)
    }

    @Test func `an environment that runs something else is told when that is proven, and not when it was before`() throws {
        let (deploy, verify) = (Samples.name("rollback-production") as StageName, Samples.name("verify-production") as StageName)
        for (how, isNews) in [(Completion.performed, true), (.observed, true), (.reused, false)] {
            let plan = try #require(
                Plan.rollback(of: Samples.production, to: Samples.release("r0"), in: try Samples.goodPlan().project))
            let told = try Self.told(
                plan,
                [
                    .start(deploy), .success(deploy), .start(verify),
                    .succeeded(stage: verify, attempt: 1, artifact: nil, how: how, note: nil),
                ])
            #expect(told.compactMap { $0?.news } == (isNews ? [.rolledBack(from: nil, hold: nil)] : []))
        }
    }

    @Test func `a stage that is about no environment matters to all that the run was to reach`() throws {
        let build: StageName = Samples.name("build-api")
        let told = try Self.told(
            try Samples.goodPlan(),
            [
                .start(build),
                .failed(stage: build, attempt: 1, failure: Failure(code: "build-failed", message: "No."), jitter: 0),
            ])
        let announcement = try #require(told.last ?? nil)
        #expect(announcement.concerned.map(\.text).sorted() == ["production", "staging"])
        func recipient(_ occasions: [Recipient.Occasion], _ environments: [EnvironmentName]?) -> Recipient {
            Recipient(channel: .slack(url: ConfigValue(literal: "")), occasions: occasions, environments: environments)
        }
        #expect(recipient([.failed], nil).wants(announcement))
        #expect(recipient([.failed], [Samples.production]).wants(announcement))
        #expect(!recipient([.failed], [Samples.name("dr")]).wants(announcement))
        #expect(!recipient([.waiting, .rolledBack, .deployed], nil).wants(announcement))
    }

    @Test func `who is told, and where the page is, changes no plan's hash`() throws {
        let plan = try Samples.goodPlan()
        var told = plan
        told.project.notifications = [
            Recipient(channel: .slack(url: ConfigValue(literal: "")), occasions: [.failed], environments: nil)
        ]
        told.project.page = "https://shipit.example.org"
        #expect(told.sum == plan.sum && told != plan)
        told.project.releaseBranch = "other"
        #expect(told.sum != plan.sum)
    }

    @Test func `the link leads to the run, or to what would be approved`() throws {
        var plan = Samples.plan(predecessors: [[], []], approvals: [0])
        plan.project.page = "https://shipit.example.org/shop"
        let (approval, other) = (Samples.stage(0), Samples.stage(1))
        let told = try Self.told(
            plan,
            [
                .start(approval), .approvalRequested(stage: approval, attempt: 1, change: Samples.change()), .start(other),
                .failed(stage: other, attempt: 1, failure: Failure(code: "no", message: "No."), jitter: 0),
            ])
        #expect(
            told.compactMap { $0?.link } == [
                "https://shipit.example.org/shop/#/runs/r1/approval/s0", "https://shipit.example.org/shop/#/runs/r1",
            ])
    }
}
