import CanonicalJSON
import FixtureFiles
import Hashing
import Testing

@testable import Pipeline

/// The stored form of events, pinned: what an older shipit wrote must be read for ever.
@Suite struct JournalFormatTests {
    /// A journal that holds every event there is, each where it can stand.
    static func runEvents() throws -> [RunEvent] {
        let driver = Samples.driver
        let change = Samples.change()
        func stage(_ name: String) -> StageName { Samples.name(name) }
        func image(_ service: String) -> ArtifactValue {
            .image(
                Image(
                    service: Samples.name(service), name: "ghcr.io/acme/shop/\(service)",
                    digest: "sha256:\(Samples.sum(service).hex)",
                    tag: Samples.commit))
        }
        let schema = ArtifactValue.schema(Schema(environment: Samples.name("staging"), version: "2", applied: ["1", "2"]))
        let release = ArtifactValue.release(ReleaseReference(environment: Samples.name("staging"), release: "r1"))
        return [
            .created(
                id: "r1", plan: try Samples.goodPlan(), goal: [stage("verify-staging"), stage("report")], reason: "deploy staging"
            ),
            .resumed(driver),
            .start(stage("build-api")),
            .failed(
                stage: stage("build-api"), attempt: 1,
                failure: Failure(
                    code: "registry-unreachable", message: "It did not answer.", remedy: "Try later.", isPassing: true),
                jitter: 250),
            .start(stage("build-web")),
            .backoffElapsed(stage: stage("build-api"), attempt: 1),
            .start(stage("build-api"), 2),
            .success(stage("build-api"), 2, artifact: image("api")),
            .interrupted(driver: driver.id, signal: "TERM"),
            .stopped(stage: stage("build-web"), attempt: 1),
            .resumed(Driver(id: "d2", host: "build-2", pid: 1, started: "2000")),
            .absolved(stage: stage("build-web"), attempt: 1, note: "no such tag"),
            .start(stage("build-web"), 2),
            .succeeded(stage: stage("build-web"), attempt: 2, artifact: image("web"), how: .reused, note: "built before"),
            .start(stage("lint")),
            .doubted(stage: stage("lint"), attempt: 1, reason: "its driver is gone"),
            .succeeded(stage: stage("lint"), attempt: 1, artifact: nil, how: .observed, note: nil),
            .start(stage("migrate-staging")),
            .success(stage("migrate-staging"), artifact: schema),
            .start(stage("deploy-staging")),
            .success(stage("deploy-staging"), artifact: release),
            .start(stage("verify-staging")),
            .success(stage("verify-staging")),
            .start(stage("report")),
            .timedOut(stage: stage("report"), attempt: 1),
            .stopped(stage: stage("report"), attempt: 1),
            .goalExtended(to: [stage("verify-production")]),
            .start(stage("approve-production")),
            .approvalRequested(stage: stage("approve-production"), attempt: 1, change: change),
            .approved(stage: stage("approve-production"), change: change.sum, comment: "looks good"),
            .start(stage("migrate-production")),
            .approvalVoided(
                stage: stage("migrate-production"), attempt: 1, approval: stage("approve-production"),
                differences: ["value LOG_LEVEL: approved info, now debug"]),
            .start(stage("approve-production"), 2),
            .approvalRequested(stage: stage("approve-production"), attempt: 2, change: change),
            .approved(stage: stage("approve-production"), change: change.sum, comment: nil),
            .start(stage("migrate-production"), 2),
            .doubted(stage: stage("migrate-production"), attempt: 2, reason: "its driver is gone"),
            .undecided(
                stage: stage("migrate-production"), attempt: 2,
                failure: Failure(code: "half-applied", message: "Nobody knows.", remedy: "Look at schema_migrations.")),
            .skipped(stage: stage("deploy-production"), reason: "done by hand"),
            .cancelRequested(reason: "enough"),
        ]
    }

    /// Another journal for the one event that ends an approval otherwise.
    static func rejectedEvents() throws -> [RunEvent] {
        var events = Array(try runEvents().prefix { if case .approved = $0 { false } else { true } })
        events.append(.rejected(stage: Samples.name("approve-production"), reason: "not on a Friday"))
        return events
    }

    /// A run that a person helped on: what failed is made again, and what nobody can tell as well.
    static func retriedEvents() throws -> [RunEvent] {
        let (build, lint) = (StageName("build-api"), StageName("lint"))
        guard let build, let lint else { return [] }
        return [
            .created(id: "r3", plan: try Samples.goodPlan(), goal: [build, lint], reason: "deploy staging"),
            .start(build),
            .failed(stage: build, attempt: 1, failure: Failure(code: "build-failed", message: "It does not compile."), jitter: 0),
            .start(lint),
            .doubted(stage: lint, attempt: 1, reason: "its driver is gone"),
            .undecided(stage: lint, attempt: 1, failure: Failure(code: "unknown", message: "Nobody knows.")),
            .retried(stages: [build, lint], reason: "the disk was full; lint leaves nothing behind"),
            .start(build, 2),
            .start(lint, 2),
        ]
    }

    /// A driver that died beside its program.
    static func launchedEvents() throws -> [RunEvent] {
        let build: StageName = Samples.name("build-api")
        return [
            .created(id: "r3", plan: try Samples.goodPlan(), goal: [build], reason: "deploy staging"),
            .start(build),
            .launched(stage: build, attempt: 1, launch: Launch(program: "docker", pid: 815, started: "1200@boot")),
            .doubted(stage: build, attempt: 1, reason: "its driver is gone"),
        ]
    }

    /// A driver that says where it is, in a container and on a machine itself.
    static func placedEvents() throws -> [RunEvent] {
        let build: StageName = Samples.name("build-api")
        var (inside, outside) = (Samples.driver, Samples.driver)
        inside.place = Whereabouts(machine: nil, boot: "b6f6a8ee", namespace: 4_026_532_190, user: 1000)
        outside.place = Whereabouts(machine: "00ff", boot: "b6f6a8ee", namespace: 4_026_531_836, user: 0)
        return [
            .created(id: "r3", plan: try Samples.goodPlan(), goal: [build], reason: "deploy staging"),
            .started(stage: build, attempt: 1, key: "r3/build-api/1", driver: inside, deadline: .minutes(10)),
            .doubted(stage: build, attempt: 1, reason: "its driver is gone"),
            .resumed(outside),
        ]
    }

    /// A Change that is put up for approval with the commits that it brings.
    static func commitEvents() throws -> [RunEvent] {
        let approve: StageName = Samples.name("approve-production")
        func line(_ word: String, _ author: String?) -> CommitLine {
            CommitLine(
                commit: String(Samples.sum(word).hex.prefix(40)), subject: "Mend \(word)", author: author,
                committed: 1_699_999_999_000)
        }
        let commits = CommitSpan(
            from: Samples.commit, brought: [line("a", "Ada"), line("b", nil)], dropped: [line("c", "Grace")])
        return Array(try runEvents().prefix { if case .approvalRequested = $0 { false } else { true } }) + [
            .approvalRequested(stage: approve, attempt: 1, change: Samples.change(), commits: commits)
        ]
    }

    /// A release that says when its commit was made.
    static var committedEvents: [EnvironmentEvent] {
        var release = Samples.release("r3")
        release.committed = 1_699_999_999_000
        return [.released(release)]
    }

    /// Somebody who looked for what was changed by hand, and found nothing, and then something.
    static let sightedEvents: [EnvironmentEvent] = [
        .released(Samples.release("r1")),
        .sighted(DriftSighting(release: "r1", objects: [], by: "cron", at: 1_700_000_000_002)),
        .sighted(
            DriftSighting(
                release: "r1",
                objects: [.init(place: "shop-production", name: "web", fate: "changed", sum: Samples.sum("web"))], by: "cron",
                at: 1_700_000_000_003)),
    ]

    static let environmentEvents: [EnvironmentEvent] = [
        .released(Samples.release("r1")),
        .verified("r1", run: "r1"),
        .released(Samples.release("r2", api: "2", restores: "r0")),
        .refuted("r2", run: "r2"),
        .held(Hold(reason: "rolled back", by: "ada", at: 1_700_000_000_001)),
        .unheld(by: "grace", reason: "fixed"),
    ]

    @Test(arguments: ["run-v1", "run-rejected-v1", "run-retried-v1", "run-launched-v1", "run-placed-v1", "run-commits-v1"])
    func `reads a run's journal of format 1 and would write the same bytes`(name: String) throws {
        let events =
            switch name {
            case "run-v1": try Self.runEvents()
            case "run-rejected-v1": try Self.rejectedEvents()
            case "run-retried-v1": try Self.retriedEvents()
            case "run-placed-v1": try Self.placedEvents()
            case "run-commits-v1": try Self.commitEvents()
            default: try Self.launchedEvents()
            }
        try expectSame(events, as: "journals/\(name).jsonl")
    }

    @Test func `reads an environment's journal of format 1 and would write the same bytes`() throws {
        try expectSame(Self.environmentEvents, as: "journals/environment-v1.jsonl")
        try expectSame(Self.sightedEvents, as: "journals/environment-sighted-v1.jsonl")
        try expectSame(Self.committedEvents, as: "journals/environment-committed-v1.jsonl")
    }

    private func expectSame<Event: Hashable & Sendable & Codable>(_ events: [Event], as path: String) throws {
        let stamped = events.enumerated().map { Stamped($1, at: 1_700_000_000_000 + Int64($0), by: "ada@host") }
        try Fixtures.expect(stamped.map { String(decoding: $0.bytes, as: UTF8.self) + "\n" }.joined(), matches: path)
        let lines = try Fixtures.bytes(path).split(separator: UInt8(ascii: "\n"))
        #expect(try lines.map { try Stamped<Event>(bytes: Array($0)) } == stamped)
    }

    @Test func `the journals hold every event there is`() throws {
        let names = Set(
            (try Self.runEvents() + Self.rejectedEvents() + Self.retriedEvents() + Self.launchedEvents()).map(Self.name))
        #expect(names == Set(0..<21))
        #expect(Set((Self.environmentEvents + Self.sightedEvents).map(Self.name)) == Set(0..<6))
    }

    @Test func `folds the stored run to where it stood`() throws {
        let lines = try Fixtures.bytes("journals/run-v1.jsonl").split(separator: UInt8(ascii: "\n"))
        let events = try lines.map { try Stamped<RunEvent>(bytes: Array($0)) }
        var record = try RunRecord(#require(events.first))
        for event in events.dropFirst() { try record.apply(event) }
        #expect(
            Dictionary(uniqueKeysWithValues: zip(record.run.plan.stages.map(\.name.text), record.run.states.map(\.word))) == [
                "build-api": "succeeded", "build-web": "succeeded", "lint": "succeeded", "migrate-staging": "succeeded",
                "deploy-staging": "succeeded", "verify-staging": "succeeded", "report": "failed",
                "approve-production": "succeeded",
                "migrate-production": "indeterminate", "deploy-production": "skipped", "verify-production": "blocked",
            ])
        #expect(record.run.status == .indeterminate)
        #expect(record.run.isCancelling)
        #expect(record.position == Int64(events.count))
        #expect(record.attempts(of: Samples.name("build-web")) == 2)
        #expect(
            record.timings[Samples.name("build-web")]
                == .init(started: 1_700_000_000_012, ended: 1_700_000_000_013, earlier: 7, how: .reused))
        #expect(record.run.plan.sum == (try Samples.goodPlan().sum))
    }

    @Test(
        arguments: [
            (#"{"at":1,"by":"a","event":{"exploded":{"stage":"x"}},"v":1}"#, 1),
            (#"{"at":1,"by":"a","event":{"resumed":{"_0":{"host":"h","id":"d","pid":1,"started":"1"}}},"v":2}"#, 2),
            (#"{"at":1,"by":"a","event":{"unheard-of":{}},"v":9}"#, 9),
            (#"{"at":1,"by":"a","event":{"timedOut":{"attempt":"one","stage":"x"}},"v":1}"#, 1),
            (#"{"at":1,"by":"a","event":{"timedOut":{"attempt":1,"stage":"NOT A NAME"}},"v":1}"#, 1),
            (#"{"at":1,"by":"a","#, nil), ("", nil), ("null", nil),
        ] as [(String, Int?)])
    func `refuses what it does not know, and says the format`(text: String, format: Int?) {
        let error = #expect(throws: UnreadableEvent.self) { try Stamped<RunEvent>(bytes: Array(text.utf8)) }
        #expect(error?.format == format)
    }

    @Test func `refuses a stage of a kind it does not know`() throws {
        let text = String(decoding: Canonical.bytes(of: try Samples.goodPlan()), as: UTF8.self)
        #expect(throws: DecodingError.self) {
            try Canonical.decode(Plan.self, from: Array(text.replacing(#""kind":{"run":"#, with: #""kind":{"fly":"#).utf8))
        }
    }

    /// A number per case.
    ///
    /// The compiler sees to it that a new case gets one, and the test that it gets into the journals.
    private static func name(_ event: RunEvent) -> Int {
        switch event {
        case .created: 0
        case .goalExtended: 1
        case .resumed: 2
        case .started: 3
        case .launched: 20
        case .succeeded: 4
        case .failed: 5
        case .timedOut: 6
        case .backoffElapsed: 7
        case .skipped: 8
        case .approvalRequested: 9
        case .approved: 10
        case .rejected: 11
        case .approvalVoided: 12
        case .cancelRequested: 13
        case .interrupted: 14
        case .stopped: 15
        case .doubted: 16
        case .absolved: 17
        case .undecided: 18
        case .retried: 19
        }
    }

    private static func name(_ event: EnvironmentEvent) -> Int {
        switch event {
        case .released: 0
        case .verified: 1
        case .refuted: 2
        case .held: 3
        case .unheld: 4
        case .sighted: 5
        }
    }
}
