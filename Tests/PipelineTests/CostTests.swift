import Hashing
import Testing

@testable import Pipeline

/// What a run's stages cost: how long they took in all attempts, how they came to be done, and which of them held the run up.
@Suite struct CostTests {
    private static func record(_ events: [(RunEvent, Int64)]) throws -> RunRecord {
        let goal: [StageName] = [Samples.name("verify-staging"), Samples.name("report")]
        var record = try RunRecord(
            Stamped(.created(id: "r1", plan: try Samples.goodPlan(), goal: goal, reason: "deploy staging"), at: 0, by: "ada"))
        for (event, time) in events { try record.apply(Stamped(event, at: time, by: "ada")) }
        return record
    }

    private static func name(_ text: String) -> StageName { Samples.name(text) }

    private static func image(_ service: String) -> ArtifactValue {
        .image(
            Image(
                service: Samples.name(service), name: "ghcr.io/acme/shop/\(service)",
                digest: "sha256:\(Samples.sum(service).hex)", tag: Samples.commit))
    }

    /// A build of two attempts beside one that was there already, and a migration after neither.
    private static func events() -> [(RunEvent, Int64)] {
        let (api, web, lint, migrate) = (name("build-api"), name("build-web"), name("lint"), name("migrate-staging"))
        return [
            (.start(lint), 1000), (.success(lint), 1100),
            (.start(api), 1000), (.start(web), 1000),
            (.succeeded(stage: web, attempt: 1, artifact: image("web"), how: .reused, note: nil), 1200),
            (.failure(api, passing: true), 5000), (.backoffElapsed(stage: api, attempt: 1), 9000), (.start(api, 2), 9000),
            (.success(api, 2, artifact: image("api")), 19_000), (.start(migrate), 19_000),
            (
                .success(
                    migrate,
                    artifact: .schema(Schema(environment: Samples.name("staging"), version: "2", applied: ["1", "2"]))), 19500
            ),
        ]
    }

    @Test func `all attempts of a stage count, and the pause between them does not`() throws {
        let record = try Self.record(Self.events())
        let api = try #require(record.timings[Self.name("build-api")])
        #expect(api.took == 14_000 && api.earlier == 4000 && api.how == .performed)
        #expect(record.timings[Self.name("build-web")]?.how == .reused)
        let view = RunView(record, usual: [Self.name("build-api"): 11_000])
        let stage = try #require(view.stages.first { $0.name == Self.name("build-api") })
        #expect(stage.earlier == 4000 && stage.usual == 11_000 && stage.how == .performed)
        #expect(view.stages.first { $0.name == Self.name("build-web") }?.earlier == nil)
    }

    @Test func `an attempt whose end nobody saw counts until that was looked into`() throws {
        let api = Self.name("build-api")
        let record = try Self.record([
            (.start(api), 1000), (.doubted(stage: api, attempt: 1, reason: "its driver is gone"), 9000),
            (.absolved(stage: api, attempt: 1, note: "no such tag"), 9500), (.start(api, 2), 10_000),
        ])
        let timing = try #require(record.timings[api])
        #expect(timing.took == nil && timing.earlier == 8500)
    }

    @Test func `the longest way leads through what took longest, and is told when nothing is under way`() throws {
        let deploy = Self.name("deploy-staging")
        let busy = try Self.record(Self.events() + [(.start(deploy), 20_000)])
        #expect(RunView(busy).criticalPath.isEmpty)
        let over = try Self.record(Self.events() + [(.start(deploy), 20_000), (.failure(deploy), 25_000)])
        #expect(RunView(over).criticalPath == [Self.name("build-api"), deploy])
    }
}
