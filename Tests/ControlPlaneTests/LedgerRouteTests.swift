import CanonicalJSON
import HTTP
import Pipeline
import Services
import Testing

@testable import ControlPlane

struct `What the API tells of the ledger` {
    let client = HTTPClient()

    private static func story(_ sample: SampleLedger) async throws {
        let (failing, staging) = (try #require(StageName("deploy-staging")), try #require(EnvironmentName("staging")))
        try await sample.record("1a", commit: "one", at: 1_000_000, .succeeded)
        try await sample.record("1b", commit: "two", at: 2_000_000, .succeeded)
        try await sample.record("1c", commit: "three", at: 3_000_000, .failed(failing))
        try await sample.record("1d", commit: "four", at: 4_000_000, .waiting)
        try await sample.hold(staging, reason: "load test", at: 5_000_000)
    }

    @Test func `is every environment with what runs there`() async throws {
        try await withAPI(filled: Self.story) { service in
            let all = try await service.get("/api/environments", client)
            let environments = all.object["environments"]?.items ?? []
            #expect(all.status == 200 && environments.map { $0["name"]?.text } == ["production", "staging"])
            #expect(environments.map { $0["current"]?["id"]?.text } == ["1b", "1d"])
            let staging = try await service.get("/api/environments/staging", client).object
            #expect(staging["current"]?["verdict"] == .text("good") && staging["count"] == .number(3))
            #expect(staging["hold"]?["reason"] == .text("load test"))
            #expect(staging["current"]?["images"]?["api"]?.text?.contains("@sha256:") == true)
        }
    }

    @Test func `is an environment's releases, newest first and page by page`() async throws {
        try await withAPI(filled: Self.story) { service in
            let path = "/api/environments/staging/releases?limit=2"
            let first = try await service.get(path, client).object
            #expect(first["releases"]?.items.map { $0["id"]?.text } == ["1d", "1b"] && first["next"] == .text("1b"))
            let second = try await service.get(path + "&before=1b", client).object
            #expect(second["releases"]?.items.map { $0["id"]?.text } == ["1a"] && second["next"] == nil)
            #expect(try await service.get(path + "&before=1c", client).status == 404, "not a release of staging")
        }
    }

    @Test func `is the runs, newest first and page by page`() async throws {
        try await withAPI(filled: Self.story) { service in
            var found: [String?] = []
            var next: String? = ""
            while let before = next {
                let page = try await service.get("/api/runs?limit=3\(before.isEmpty ? "" : "&before=\(before)")", client).object
                found += page["runs"]?.items.map { $0["id"]?.text } ?? []
                next = page["next"]?.text
            }
            #expect(found == ["1d", "1c", "1b", "1a"])
            let statuses = try await service.get("/api/runs", client).object["runs"]?.items.map { $0["status"]?.text }
            #expect(statuses == ["waiting", "failed", "succeeded", "succeeded"])
        }
    }

    @Test func `is a run with its stages, and what would mend what failed`() async throws {
        try await withAPI(filled: Self.story) { service in
            let run = try await service.get("/api/runs/1c", client).object
            let failed = run["stages"]?.items.first { $0["state"] == .text("failed") }
            #expect(run["status"] == .text("failed") && failed?["name"] == .text("deploy-staging"))
            #expect(failed?["remedy"]?.text?.contains("shipit logs") == true)
        }
    }

    @Test func `is a run's events, oldest first and page by page`() async throws {
        try await withAPI(filled: Self.story) { service in
            let first = try await service.get("/api/runs/1a/events?limit=2", client).object
            #expect(first["events"]?.items.map { $0["position"] } == [.number(1), .number(2)] && first["next"] == .number(2))
            #expect(first["events"]?.items.first?["event"]?["created"] != nil)
            let second = try await service.get("/api/runs/1a/events?limit=200&after=2", client).object
            #expect(second["events"]?.items.first?["position"] == .number(3))
            let last = try await service.get("/api/runs/1a/events?after=100000", client)
            #expect(last.status == 200 && last.object["events"]?.items.isEmpty == true)
            #expect(last.object["next"] == .number(100_000))
            #expect(try await service.get("/api/runs/none/events", client).status == 404)
        }
    }

    @Test func `is what waits for a person, with every part of the change and secrets by reference`() async throws {
        try await withAPI(filled: Self.story) { service in
            let waiting = try await service.get("/api/approvals", client).object["approvals"]?.items ?? []
            #expect(waiting.map { $0["run"]?.text } == ["1d"])
            let change = waiting.first?["change"]
            #expect(change?["values"]?["DATABASE_URL"] == .text("${env:PRODUCTION_API_DATABASE_URL}"))
            #expect(change?["schema"]?["pending"]?.items.count == 1)
        }
    }

    @Test func `changes as soon as the ledger does`() async throws {
        try await withAPI(filled: { try await $0.record("1a", commit: "one", at: 1, .waiting) }) { service in
            let before = try await service.get("/api/runs/1a", client).object["status"]
            let unknown = try await service.get("/api/environments/production", client).status
            #expect(before == .text("waiting"))
            #expect(unknown == 404)
        }
    }

    @Test func `is empty for an empty ledger`() async throws {
        try await withAPI(filled: { _ in }) { service in
            for list in ["environments", "runs", "approvals", "announcements"] {
                let answer = try await service.get("/api/\(list)", client)
                #expect(answer.status == 200 && answer.object == [list: .list([])])
            }
        }
    }
}
