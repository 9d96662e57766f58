import Hashing
import Pipeline
import Testing

/// Announcements of a project, each of what really happened in a run.
enum Told {
    /// A project in which everything that others may write holds what means something somewhere.
    private static let project = """
        name: shop
        registry: ghcr.io/acme/shop
        services: {api: {}}
        environments:
          production:
            approval: required
            target: {compose: {file: compose.yaml, project: shop}}
        page: https://shipit.example.org
        notifications:
        NOTIFICATIONS
        """

    private static let pipeline = """
        stages:
          build-api: {build: api}
          approve-production: {approve: production}
          deploy-production: {deploy: production}
          verify-production: {verify: production}
        """

    /// What others may write: markup, mentions, an address, ends of lines, letters of others.
    static let hostile =
        "<!channel> & *all* [here](https://evil.example) ```x```\nBcc: everybody@example.org\r\nZoë's \u{1B}[31mred ${env:X}"

    /// A plan of the project.
    ///
    /// - Parameter notifications: YAML, a line for each.
    static func plan(_ notifications: String = "  []") throws -> Plan {
        try Planner.plan(
            project: .init(
                name: "project.yml", content: Array(project.replacing("NOTIFICATIONS", with: notifications).utf8)),
            pipeline: .init(name: "release.yml", content: Array(pipeline.utf8)),
            named: #require(PipelineName("release")), source: Source(commit: String(repeating: "0c7c8bbbdd", count: 4)))
    }

    /// A run of the plan in which these events happened last.
    static func record(_ plan: Plan, _ events: [RunEvent], reason: String = hostile) throws -> (Stamped<RunEvent>, RunRecord) {
        let created = RunEvent.created(id: "1ryh578ztb", plan: plan, goal: plan.stages.map(\.name), reason: reason)
        var last = Stamped(created, at: 1_764_246_784_123, by: "zoë@vm")
        var record = try RunRecord(last)
        for event in events {
            last = Stamped(event, at: 1_764_246_784_123, by: "zoë@vm")
            try record.apply(last)
        }
        return (last, record)
    }

    static let failure = Failure(code: "build-failed", message: "It said: \(hostile)", remedy: "Mend <it> & try again.")

    /// A failed build.
    static func failed(_ plan: Plan, _ failure: Failure = failure) throws -> (Stamped<RunEvent>, RunRecord) {
        let stage = try #require(StageName("build-api"))
        return try record(plan, [start(stage), .failed(stage: stage, attempt: 1, failure: failure, jitter: 0)])
    }

    /// One of each sort, by the name of its golden files.
    static func each() throws -> [(name: String, announcement: Announcement)] {
        let plan = try plan()
        let (build, approve) = try (#require(StageName("build-api")), #require(StageName("approve-production")))
        let production = try #require(EnvironmentName("production"))
        let change = Change(
            environment: production, images: [:], schema: nil, manifest: SHA256Sum(of: "compose"), values: [:],
            target: try #require(plan.project.environments[production]).target, policy: .required)
        let image = ArtifactValue.image(
            Image(
                service: try #require(ServiceName("api")), name: "ghcr.io/acme/shop/api",
                digest: "sha256:\(SHA256Sum(of: "api").hex)", tag: plan.source.tag))
        let built = [
            start(build), .succeeded(stage: build, attempt: 1, artifact: image, how: .performed, note: nil), start(approve),
        ]
        let waiting = try record(plan, built + [.approvalRequested(stage: approve, attempt: 1, change: change)])
        let undecided = try record(
            plan,
            [
                start(build), .doubted(stage: build, attempt: 1, reason: "gone"),
                .undecided(stage: build, attempt: 1, failure: failure),
            ])
        var named: [(String, Announcement)] = []
        for (name, event) in [("waiting", waiting), ("failed", try failed(plan)), ("indeterminate", undecided)] {
            named.append((name, try #require(Announcement(of: event.0, in: event.1))))
        }
        var back = try #require(Announcement(of: waiting.0, in: waiting.1))
        back.news = .rolledBack(
            from: String(repeating: "bd37424c5b", count: 4), hold: Hold(reason: "rolled back <now>", by: "zoë@vm", at: 0))
        named.append(("rolled-back", back))
        back.news = .deployed
        named.append(("deployed", back))
        return named
    }

    private static func start(_ stage: StageName) -> RunEvent {
        .started(
            stage: stage, attempt: 1, key: "k", driver: Driver(id: "d", host: "vm", pid: 1, started: "1"),
            deadline: .minutes(10))
    }
}
