import Pipeline
import Testing

@testable import Conductor
@testable import shipit

/// What a plan shows of what could not be asked.
@Suite struct PlanTextTests {
    private static func plan() throws -> Plan {
        let project = """
            name: shop
            registry: localhost:1/shop
            pipeline: work
            services: {api: {dockerfile: Dockerfile}, web: {dockerfile: Dockerfile}}
            environments: {}
            """
        let stages = """
            stages:
              build-api: {build: api}
              build-web: {build: web}
              lint: {run: [make]}
            """
        return try Planner.plan(
            project: Planner.File(name: "pipelines/project.yml", content: Array(project.utf8)),
            pipeline: Planner.File(name: "pipelines/work.yml", content: Array(stages.utf8)),
            named: try #require(PipelineName("work")), source: Source(commit: String(repeating: "a", count: 40)))
    }

    private static func text(_ notes: [(note: String?, trouble: String?)]) throws -> String {
        let plan = try plan()
        let findings = zip(plan.stages, notes).map { stage, told in
            Survey.Finding(stage: stage.name, isDone: false, note: told.note, trouble: told.trouble)
        }
        let text = PlanText(plan, Survey(findings: findings), hasColour: false, columns: nil).text
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().joined(separator: "\n")
    }

    private static let note = "not known: the registry could not be asked"

    private static func unread(_ service: String, _ reason: String) -> String {
        "Reading the manifest of localhost:1/shop/\(service):aaaa failed. "
            + "GET http://localhost:1/v2/shop/\(service)/manifests/aaaa: \(reason)"
    }

    @Test func `a registry that could not be asked is told in a few words, and why once for all services`() throws {
        let shown = try Self.text(
            ["api", "web"].map { (Self.note, Self.unread($0, "nobody listens.\nCheck it.")) } + [(nil, nil)])
        #expect(
            shown == """

                  STAGE      DOES                             AFTER  NOW
                ◆ build-api  build and push the image of api         not known: the registry could not be asked
                ◇ build-web  build and push the image of web         not known: the registry could not be asked
                ◇ lint       run make

                not known of build-api, build-web:
                  Reading the manifest of localhost:1/shop/api:aaaa failed. GET http://localhost:1/v2/shop/api/manifests/aaaa: nobody listens. Check it.

                ✓ done already   ◆ on the critical path   ◇ beside it
                """)
    }

    @Test func `two services with reasons of their own have a sentence each`() throws {
        let shown = try Self.text([
            (Self.note, Self.unread("api", "denied.")), (Self.note, Self.unread("web", "nobody listens.")), (nil, nil),
        ])
        #expect(shown.contains("not known of build-api:\n  Reading") && shown.contains("not known of build-web:\n  Reading"))
    }
}
