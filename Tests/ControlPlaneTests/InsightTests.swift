import CanonicalJSON
import Foundation
import HTTP
import Pipeline
import Services
import Testing

@testable import ControlPlane

struct `What the API works out of the ledger` {
    let client = HTTPClient()

    /// Three releases to production, the last of which was taken back, and a Change that waits.
    private static func story(_ sample: SampleLedger) async throws {
        let production = try #require(EnvironmentName("production"))
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        func novelty(_ number: Int, compatible: Bool) -> SampleLedger.Novelty {
            SampleLedger.Novelty(
                migrations: [("2026110\(number)", "change", compatible)], values: ["LEVEL": "\(number)"])
        }
        try await sample.record("1a", commit: "one", at: now - 9_000_000, .succeeded, bringing: novelty(1, compatible: true))
        try await sample.record("1b", commit: "two", at: now - 8_000_000, .succeeded, bringing: novelty(2, compatible: false))
        try await sample.record("1c", commit: "three", at: now - 7_000_000, .succeeded, bringing: novelty(3, compatible: true))
        try await sample.rollback(production, to: "1b", as: "1d", at: now - 5_000_000, reason: "orders failed")
        try await sample.record("1e", commit: "four", at: now - 4_000_000, .waiting, bringing: novelty(4, compatible: false))
    }

    @Test(arguments: [("1a", "1c"), ("1c", "1a")])
    func `is what differs in two releases, whichever is named first`(from: String, to: String) async throws {
        try await withAPI(filled: Self.story) { service in
            let path = "/api/environments/production/comparison?from=\(from)&to=\(to)"
            let (status, found) = try await service.get(path, client)
            #expect(status == 200 && found["from"]?["id"] == .text("1a") && found["to"]?["id"] == .text("1c"))
            #expect(found["images"]?.items.map { $0["name"]?.text } == ["api", "web"])
            #expect(
                found["values"]?.items.map { [$0["name"]?.text, $0["before"]?.text, $0["after"]?.text] } == [["LEVEL", "1", "3"]])
            let migrations = found["migrations"]?.items.map {
                [$0["file"]?.text ?? "", $0["isCompatible"] == .boolean(true)] as [AnyHashable]
            }
            #expect(migrations == [["20261102_change.sql", false], ["20261103_change.sql", true]])
            #expect(found["releases"]?.items.map { $0["id"]?.text } == ["1c", "1b"] && found["isCut"] == .boolean(false))
        }
    }

    @Test func `is what a waiting Change would change of what runs`() async throws {
        try await withAPI(filled: Self.story) { service in
            let found = try await service.get("/api/environments/production/comparison?run=1e", client).object
            #expect(found["from"]?["id"] == .text("1d") && found["to"]?["id"] == .text("1e"))
            #expect(found["values"]?.items.map { $0["after"]?.text } == ["4"])
            #expect(found["migrations"]?.items.map { $0["file"]?.text } == ["20261104_change.sql"])
            for path in ["production/comparison?run=1a", "staging/comparison?run=1e", "production/comparison?run=none"] {
                #expect(try await service.get("/api/environments/\(path)", client).status == 404, "\(path)")
            }
        }
    }

    @Test func `is where a rollback leads, and what stands between`() async throws {
        try await withAPI(filled: Self.story) { service in
            let next = try await service.get("/api/environments/production/rollback", client).object
            #expect(next["current"]?["id"] == .text("1d") && next["target"]?["id"] == .text("1a"))
            #expect(next["comparison"]?["migrations"]?.items.first?["isCompatible"] == .boolean(false))
            let nowhere = try await service.get("/api/environments/production/rollback?to=nothing", client)
            #expect(nowhere.status == 200 && nowhere.object["target"] == nil)
        }
    }

    @Test(arguments: [true, false])
    func `is the project, with its environments and its newest run`(isEmpty: Bool) async throws {
        try await withAPI(filled: { if !isEmpty { try await Self.story($0) } }) { service in
            let found = try await service.get("/api/projects", client)
            #expect(found.status == 200 && found.object["projects"]?.items.count == 1)
            let project = found.object["projects"]?.items.first
            #expect(project?["name"] == .text("default") && project?["newestRun"] == (isEmpty ? nil : .text("1e")))
            #expect(project?["environments"]?.items.map(\.text) == (isEmpty ? [] : ["production", "staging"]))
        }
    }

    @Test func `is the figures of an environment`() async throws {
        try await withAPI(filled: Self.story) { service in
            let found = try await service.get("/api/figures?environment=production&days=7", client).object
            #expect(found["deployments"] == .number(3) && found["failed"] == .number(1) && found["open"] == .number(0))
            #expect(found["lead"]?["count"] == .number(3) && found["spans"]?.items.count == 7)
            for query in [
                "", "?environment=production&days=0", "?environment=production&days=367", "?environment=%C3%84", "?days=7",
            ] {
                #expect(try await service.get("/api/figures\(query)", client).status == 400, "\(query)")
            }
            #expect(try await service.get("/api/figures?environment=nowhere", client).status == 404)
        }
    }

    @Test func `is the runs of one status, page by page`() async throws {
        try await withAPI(filled: { try await $0.crowd(2_050, until: 1_800_000_000_000) }) { service in
            var found = 0
            var next: String? = ""
            while let before = next {
                let query = "?status=running,waiting&limit=200\(before.isEmpty ? "" : "&before=\(before)")"
                let page = try await service.get("/api/runs\(query)", client).object
                let runs = page["runs"]?.items ?? []
                #expect(runs.allSatisfy { $0["status"] == .text("running") })
                found += runs.count
                next = page["next"]?.text
            }
            #expect(found == 205)
            for word in ["", "running,", "finished"] {
                #expect(try await service.get("/api/runs?status=\(word)", client).status == 400, "\(word)")
            }
        }
    }

    @Test func `is who asks, and what they may decide`() async throws {
        try await withFullAPI(access: AccessSettings(readingIsOpen: true)) { api in
            let anyone = try await api.send("GET", "/api/whoami")
            let roles = """
                {"approve":["release-manager","admin"],"cancel":["developer","ci","release-manager","on-call","admin"],\
                "hold":["release-manager","on-call","admin"]}
                """
            #expect(
                anyone.status == 200
                    && String(decoding: anyone.body, as: UTF8.self) == #"{"may":[],"project":"default","roles":\#(roles)}"#)
            let manager = try await api.send("GET", "/api/whoami", token: try await api.token(.releaseManager))
            let text = String(decoding: manager.body, as: UTF8.self)
            #expect(text.contains(#""may":["approve","cancel","hold"]"#) && text.contains(#""role":"release-manager""#))
            let developer = try await api.send("GET", "/api/whoami", token: try await api.token(.developer))
            #expect(String(decoding: developer.body, as: UTF8.self).contains(#""may":["cancel"]"#))
            #expect(try await api.send("GET", "/api/whoami", token: "shipit_nobody").status == 401)
        }
    }
}
