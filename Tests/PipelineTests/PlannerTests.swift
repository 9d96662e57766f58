import CanonicalJSON
import Foundation
import Hashing
import Testing

@testable import Pipeline

@Suite struct PlannerTests {
    @Test func `orders stages so that each stands after all it waits for, ties as in the file`() throws {
        #expect(
            try Samples.goodPlan().stages.map(\.name.text) == [
                "build-web", "build-api", "lint", "migrate-staging", "deploy-staging", "verify-staging", "approve-production",
                "report",
                "migrate-production", "deploy-production", "verify-production",
            ])
    }

    @Test(
        arguments: [
            ("build-api", [:], []),
            ("migrate-staging", [:], ["lint"]),
            ("deploy-staging", ["image.api": "build-api", "image.web": "build-web", "schema": "migrate-staging"], []),
            ("verify-staging", ["release": "deploy-staging"], []),
            ("approve-production", ["image.api": "build-api", "image.web": "build-web"], ["verify-staging"]),
            ("migrate-production", ["approval": "approve-production"], []),
            (
                "deploy-production",
                [
                    "image.api": "build-api", "image.web": "build-web", "schema": "migrate-production",
                    "approval": "approve-production",
                ], []
            ),
            ("report", [:], ["verify-staging"]),
        ] as [(String, [String: String], [String])])
    func `infers the edges along which artifacts flow`(stage: String, inputs: [String: String], needs: [String]) throws {
        let planned = try #require(try Samples.goodPlan().stage(Samples.name(stage)))
        #expect(planned.inputs.mapValues(\.text) == inputs)
        #expect(planned.needs.map(\.text) == needs)
    }

    @Test func `takes an input from the stage that is named`() throws {
        let (project, pipeline) = try Samples.good()
        let text = String(decoding: pipeline.content, as: UTF8.self)
            .replacing("{deploy: staging}", with: "{deploy: staging, inputs: {image.api: build-again}}")
            .replacing("{deploy: production}", with: "{deploy: production, inputs: {image.api: build-api}}")
            .replacing("{approve: production, ", with: "{approve: production, inputs: {image.api: build-api}, ")
        let plan = try Planner.plan(
            project: project, pipeline: .init(name: "release.yml", content: Array("\(text)  build-again: {build: api}\n".utf8)),
            named: PipelineName(literal: "release"), source: Samples.source)
        #expect(plan.stage(Samples.name("deploy-staging"))?.inputs["image.api"]?.text == "build-again")
    }

    @Test(arguments: ["pipelines/project.yml", "deploy/project.yml"])
    func `this repository's own files are without a mistake, on Kubernetes and on one host`(project: String) throws {
        let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardized
        func file(_ name: String) throws -> Planner.File {
            Planner.File(name: name, content: Array(try Data(contentsOf: root.appendingPathComponent(name))))
        }
        let pipeline = (name: PipelineName(literal: "release"), file: try file("pipelines/release.yml"))
        #expect(Planner.check(project: try file(project), pipelines: [pipeline]) == [])
    }

    @Test func `finds the path that bounds the run`() throws {
        let plan = try Samples.goodPlan()
        #expect(
            plan.criticalPath().map(\.text) == [
                "lint", "migrate-staging", "deploy-staging", "verify-staging", "approve-production", "migrate-production",
                "deploy-production", "verify-production",
            ])
        #expect(plan.criticalPath { $0.name.text == "report" ? 100 : 1 }.last?.text == "report")
        #expect(plan.criticalPath { $0.name.text == "build-web" ? 100 : 1 }.first?.text == "build-web")
    }

    @Test(
        arguments: [("staging", "verify-staging"), ("production", "verify-production"), ("elsewhere", nil)] as [(String, String?)]
    )
    func `a deploy goes as far as the environment's verification`(environment: String, stage: String?) throws {
        #expect(try Samples.goodPlan().destination(of: Samples.name(environment))?.text == stage)
    }

    @Test func `reads every setting of a project`() throws {
        let project = try Samples.goodPlan().project
        #expect(project.name.text == "shop")
        #expect(project.releaseBranch == "trunk")
        #expect(project.pipeline.text == "release")
        #expect(project.image(of: Samples.name("api")) == "ghcr.io/acme/shop/api")
        #expect(project.credentials?.password.references == [.environment("REGISTRY_PASSWORD")])
        #expect(
            project.services[Samples.name("web")]
                == Service(dockerfile: "web/Dockerfile", target: "web", context: "web", arguments: [:], port: 3000))
        let staging = try #require(project.environments[Samples.name("staging")])
        #expect(
            staging.target
                == .compose(
                    ComposeTarget(file: "deploy/compose.yaml", project: "shop-staging", healthyWithin: .seconds(90))))
        #expect(staging.database?.migrations == "migrations")
        #expect(staging.approval == .none)
        #expect(staging.values["PRICE"]?.parts == [.text("5$")])
        #expect(staging.values["TOKEN"]?.parts == [.text("token-"), .reference(.file("secrets/staging"))])
        #expect(staging.checks.map(\.successes) == [3, 1])
        #expect(staging.checks.map(\.status) == [200, 204])
        #expect(staging.checks.last?.within == TimeSpan(milliseconds: 500))
        #expect(staging.checks.last?.json == ["database.ready": "true"])
        #expect(project.environments[Samples.production]?.approval == .required)
    }

    @Test func `reads every setting of a helm target, and what holds without them`() throws {
        func target(_ settings: String) throws -> Target? {
            let project = """
                name: shop
                registry: ghcr.io/acme/shop
                services: {api: {port: 3001}}
                environments:
                  staging: {target: {helm: {chart: charts/app, release: shop, namespace: shop-staging, \(settings)}}}
                """
            let pipeline = "stages: {build-api: {build: api}, deploy-staging: {deploy: staging}}"
            let plan = try Planner.plan(
                project: .init(name: "project.yml", content: Array(project.utf8)),
                pipeline: .init(name: "release.yml", content: Array(pipeline.utf8)), named: PipelineName(literal: "release"),
                source: Source(commit: String(repeating: "a", count: 40)))
            return plan.project.environments[Samples.name("staging")]?.target
        }
        let one = Cluster(context: "one", server: "https://one.example.org:6443")
        let least = HelmTarget(
            chart: "charts/app", valueFiles: [], release: "shop", namespace: "shop-staging", clusters: [one],
            healthyWithin: .minutes(5), wait: .standard)
        let found = try target("clusters: [{context: one, server: 'https://one.example.org:6443'}]")
        #expect(found == .helm(least))
        #expect(found?.summary == "helm release shop in shop-staging on one")
        var all = least
        all.valueFiles = ["charts/base.yaml", "charts/staging.yaml"]
        all.clusters.append(Cluster(context: "two", server: "https://two.example.org"))
        all.healthyWithin = .seconds(90)
        all.wait = .legacy
        let clusters =
            "[{context: one, server: 'https://one.example.org:6443'}, {context: two, server: 'https://two.example.org'}]"
        let files = "[charts/base.yaml, ./charts/staging.yaml]"
        #expect(try target("values: \(files), clusters: \(clusters), healthy-within: 90s, wait: legacy") == .helm(all))
    }

    @Test func `reads every setting of a stage, and takes the kind's policy where it says nothing`() throws {
        let plan = try Samples.goodPlan()
        let api = plan.stage(Samples.name("build-api"))
        #expect(api?.policy == StagePolicy(timeout: Build.policy.timeout, retries: 2, backoff: .seconds(5)))
        #expect(plan.stage(Samples.name("build-web"))?.policy.timeout == .minutes(60))
        #expect(plan.stage(Samples.name("verify-staging"))?.policy == Verify.policy)
        #expect(
            plan.stage(Samples.name("lint"))?.kind
                == AnyStageKind(
                    RunCommand(command: ["make", "lint"], variables: ["CI": ConfigValue(literal: "1")], isIdempotent: true)))
        #expect(
            plan.stage(Samples.name("report"))?.kind
                == AnyStageKind(RunCommand(command: ["/bin/sh", "-c", "make report | tee report.txt"])))
    }

    @Test func `hashes a plan to the same sum on every machine`() throws {
        #expect(try Samples.goodPlan().sum.hex == "2e095457a3293b9eb5e8a979e754c6ba4a8a64e19b8667c46a8c480ddd638367")
    }

    @Test func `hashes equal what differs only in order and comments`() throws {
        let (project, pipeline) = try Samples.good()
        let lines = String(decoding: project.content, as: UTF8.self).split(separator: "\n")
        let reordered = Planner.File(
            name: "other-name.yml",
            content: Array((lines[1...4] + ["services:"] + [lines[7], lines[6]] + lines[8...]).joined(separator: "\n").utf8))
        let plan = try Planner.plan(
            project: reordered, pipeline: pipeline, named: PipelineName(literal: "release"), source: Samples.source)
        #expect(try plan.sum == Samples.goodPlan().sum)
    }

    @Test(arguments: [
        ("commit", "", ""), ("dirty", "", ""), ("pipeline name", "", ""),
        ("project", "3001", "3002"), ("project", "${env:STAGING_DATABASE_URL}", "${env:OTHER}"),
        ("project", "successes: 3", "successes: 4"),
        ("pipeline", "[make, lint]", "[make, lint, all]"), ("pipeline", "retries: 2", "retries: 3"),
        ("pipeline", "needs: [lint]", "needs: [lint, build-api]"),
    ])
    func `hashes differently what would be done differently`(what: String, old: String, new: String) throws {
        var (project, pipeline) = try Samples.good()
        var source = Samples.source
        var name = PipelineName(literal: "release")
        switch what {
        case "commit": source.commit = String(repeating: "f", count: 40)
        case "dirty": source.dirty = "abc"
        case "pipeline name": name = PipelineName(literal: "other")
        case "project": project.content = Array(String(decoding: project.content, as: UTF8.self).replacing(old, with: new).utf8)
        default: pipeline.content = Array(String(decoding: pipeline.content, as: UTF8.self).replacing(old, with: new).utf8)
        }
        let plan = try Planner.plan(project: project, pipeline: pipeline, named: name, source: source)
        #expect(try plan.sum != Samples.goodPlan().sum)
    }

    @Test func `a plan survives its stored form`() throws {
        let plan = try Samples.goodPlan()
        #expect(try Canonical.decode(Plan.self, from: Canonical.bytes(of: plan)) == plan)
    }

    @Test func `a dirty work tree is never tagged as the commit`() {
        #expect(Source(commit: Samples.commit).tag == Samples.commit)
        #expect(Source(commit: Samples.commit, dirty: "feedfacecafebeef").tag == "\(Samples.commit)-dirty-feedfacecafe")
    }

    @Test func `a rollback deploys the release again and proves it`() throws {
        let plan = try #require(
            Plan.rollback(of: Samples.production, to: Samples.release("r1"), in: try Samples.goodPlan().project))
        #expect(plan.stages.map(\.name.text) == ["rollback-production", "verify-production"])
        #expect(plan.stages.last?.predecessors.map(\.text) == ["rollback-production"])
        #expect(plan.source == Samples.release("r1").source)
    }

    @Test func `checks the good example without a word`() throws {
        let (project, pipeline) = try Samples.good()
        #expect(Planner.check(project: project, pipelines: [(PipelineName(literal: "release"), pipeline)]) == [])
    }
}
