import CanonicalJSON
import Foundation
import HTTP
import Hashing
import Pipeline
import Postgres
import PostgresServer
import Records
import Services
import Testing

@testable import ControlPlane

struct `What people decide through the API` {
    private static func story(_ sample: SampleLedger) async throws {
        try await sample.record("1a", commit: "one", at: 1_000_000, .succeeded)
        try await sample.record("1b", commit: "two", at: 2_000_000, .waiting)
    }

    private static func waiting(_ api: FullAPI, _ run: String = "1b") async throws -> String {
        try #require(try await api.ledger.run(run).run.waitingApprovals.first).change.sum.hex
    }

    @Test func `is recorded under the token's name, and the run goes on for whoever drives it`() async throws {
        try await withFullAPI(filled: Self.story) { api in
            let anna = try await api.token(.releaseManager, name: "anna")
            let sum = try await Self.waiting(api)
            let answer = try await api.send(
                "POST", "/api/runs/1b/approval", token: anna,
                #"{"decision": "approve", "change": "\#(sum)", "reason": "looks good"}"#)
            #expect(answer.status == 200 && answer.object["approvals"]?.items.isEmpty == true)
            let last = try #require(try await api.ledger.events(of: "1b", after: 0, limit: 100).last)
            #expect(last.event.by == "anna")
            let stage = try #require(StageName("approve-production"))
            #expect(
                last.event.event == .approved(stage: stage, change: try #require(SHA256Sum(hex: sum)), comment: "looks good"))
            // Nothing waits any more.
            let again = try await api.send(
                "POST", "/api/runs/1b/approval", token: anna, #"{"decision": "approve", "change": "\#(sum)"}"#)
            #expect(again.status == 409 && again.object["detail"]?.text?.contains("does not wait") == true)
        }
    }

    @Test func `is refused when another Change waits, or only a part of its hash is named`() async throws {
        try await withFullAPI(filled: Self.story) { api in
            let anna = try await api.token(.releaseManager)
            let sum = try await Self.waiting(api)
            let other = String(sum.reversed())
            for (decision, change, status) in [
                ("approve", other, 409), ("reject", other, 409), ("approve", String(sum.prefix(12)), 400), ("approve", "", 400),
                ("wave", sum, 400), ("reject", sum, 400),
            ] {
                let reason = status == 409 ? #", "reason": "no""# : ""
                let answer = try await api.send(
                    "POST", "/api/runs/1b/approval", token: anna,
                    #"{"decision": "\#(decision)", "change": "\#(change)"\#(reason)}"#)
                #expect(answer.status == status, "\(decision) \(change)")
            }
            #expect(try await Self.waiting(api) == sum)
        }
    }

    @Test func `may be a refusal, with a reason`() async throws {
        try await withFullAPI(filled: Self.story) { api in
            let anna = try await api.token(.admin, name: "anna")
            let body = #"{"decision": "reject", "change": "\#(try await Self.waiting(api))", "reason": "not on a Friday"}"#
            let answer = try await api.send("POST", "/api/runs/1b/approval", token: anna, body)
            #expect(answer.status == 200 && answer.object["status"] == .text("failed"))
            let last = try await api.ledger.events(of: "1b", after: 0, limit: 100).last?.event.event
            let stage = try #require(StageName("approve-production"))
            #expect(last == .rejected(stage: stage, reason: "not on a Friday"))
        }
    }

    @Test func `holds an environment, and lifts the hold again`() async throws {
        try await withFullAPI(filled: Self.story) { api in
            let oscar = try await api.token(.onCall, name: "oscar")
            let path = "/api/environments/staging/hold"
            let none = try await api.send("DELETE", path + "?reason=x", token: oscar)
            let held = try await api.send("POST", path, token: oscar, #"{"reason": "the database is moved"}"#)
            #expect(none.status == 409 && held.status == 200)
            #expect(held.object["hold"]?["by"] == .text("oscar"))
            #expect(held.object["hold"]?["reason"] == .text("the database is moved"))
            #expect(try await api.send("DELETE", path, token: oscar).status == 400)
            let lifted = try await api.send("DELETE", path + "?reason=it%20is%20moved", token: oscar)
            #expect(lifted.status == 200 && lifted.object["hold"] == nil)
            let nowhere = try await api.send("POST", "/api/environments/nowhere/hold", token: oscar, #"{"reason": "x"}"#)
            #expect(nowhere.status == 404)
        }
    }

    @Test func `ends a run, once`() async throws {
        try await withFullAPI(filled: Self.story) { api in
            let dora = try await api.token(.developer, name: "dora")
            let body = #"{"reason": "wrong commit"}"#
            let first = try await api.send("POST", "/api/runs/1b/cancel", token: dora, body)
            let count = try await api.ledger.run("1b").position
            let second = try await api.send("POST", "/api/runs/1b/cancel", token: dora, body)
            #expect(first.status == 200 && first.object["status"] == .text("cancelled"))
            #expect([200, 409].contains(second.status))
            #expect(try await api.ledger.run("1b").position == count)
            #expect(try await api.send("POST", "/api/runs/1a/cancel", token: dora, body).status == 409)
            #expect(try await api.send("POST", "/api/runs/none/cancel", token: dora, body).status == 404)
        }
    }

    @Test(arguments: [
        "{}", #"{"reason": ""}"#, #"{"reason": "a\u001b[2Jb"}"#, #"{"reason": "a\nb"}"#, #"{"reason": 7}"#,
        #"{"reason": "\#(String(repeating: "x", count: 1001))"}"#,
    ])
    func `has a reason that people can read`(body: String) async throws {
        try await withFullAPI(filled: Self.story) { api in
            let admin = try await api.token(.admin)
            let answer = try await api.send("POST", "/api/runs/1b/cancel", token: admin, body)
            #expect(answer.status == 400)
        }
    }

    @Test func `is recorded once by many who decide at the same moment`() async throws {
        try await withFullAPI(filled: Self.story) { api in
            let admin = try await api.token(.admin)
            let body = #"{"decision": "approve", "change": "\#(try await Self.waiting(api))"}"#
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await api.send("POST", "/api/runs/1b/approval", token: admin, body).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1 && statuses.filter { $0 == 409 }.count == 7, "\(statuses)")
        }
    }
}

struct `A request with an idempotency key` {
    private static func story(_ sample: SampleLedger) async throws {
        try await sample.record("1a", commit: "one", at: 1_000_000, .succeeded)
    }

    private let path = "/api/environments/staging/hold"

    @Test(arguments: ["k-1", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""])
    func `is done once and answered as it was, and with another body not at all`(key: String) async throws {
        try await withFullAPI(filled: Self.story) { api in
            let (admin, other) = (try await api.token(.admin), try await api.token(.admin))
            let headers = ["Idempotency-Key": key]
            func hold(_ reason: String, _ token: String) async throws -> HTTPResponse {
                try await api.send("POST", path, token: token, headers: headers, #"{"reason": "\#(reason)"}"#)
            }
            let first = try await hold("one", admin)
            #expect(first.status == 200 && first.headers.first("Idempotency-Replayed") == nil)
            let count = try await api.ledger.environment(#require(EnvironmentName("staging"))).position
            let again = try await hold("one", admin)
            #expect(again.status == 200 && again.body == first.body)
            #expect(again.headers.first("Idempotency-Replayed") == "true")
            #expect(try await hold("two", admin).status == 422)
            #expect(try await api.ledger.environment(#require(EnvironmentName("staging"))).position == count)
            // Keys are each token's own.
            #expect(try await hold("two", other).object["hold"]?["reason"] == .text("two"))
        }
    }

    @Test func `lifts a hold once, whoever sets the next one meanwhile, and no other by the same key`() async throws {
        try await withFullAPI(filled: Self.story) { api in
            let admin = try await api.token(.admin)
            func hold() async throws -> Int {
                try await api.send("POST", path, token: admin, #"{"reason": "one"}"#).status
            }
            func lift(_ query: String) async throws -> HTTPResponse {
                try await api.send("DELETE", path + query, token: admin, headers: ["Idempotency-Key": "k"])
            }
            #expect(try await hold() == 200)
            let first = try await lift("?reason=done")
            #expect(first.status == 200 && first.headers.first("Idempotency-Replayed") == nil)
            #expect(try await hold() == 200)
            let again = try await lift("?reason=done")
            #expect(again.status == 200 && again.body == first.body && again.headers.first("Idempotency-Replayed") == "true")
            #expect(try await lift("?reason=other").status == 422)
            #expect(try await api.ledger.environment(#require(EnvironmentName("staging"))).state.hold != nil)
            // What differs in its method alone is another request, too.
            let (key, target) = (["Idempotency-Key": "l"], path + "?reason=done")
            #expect(try await api.send("POST", target, token: admin, headers: key, "").status == 400)
            #expect(try await api.send("DELETE", target, token: admin, headers: key).status == 422)
        }
    }

    @Test func `is answered with the refusal that it met first`() async throws {
        try await withFullAPI(filled: Self.story) { api in
            let admin = try await api.token(.admin)
            let body = #"{"reason": "x"}"#
            let first = try await api.send("POST", "/api/runs/1a/cancel", token: admin, headers: ["Idempotency-Key": "k"], body)
            let again = try await api.send("POST", "/api/runs/1a/cancel", token: admin, headers: ["Idempotency-Key": "k"], body)
            #expect(first.status == 409 && again.status == 409 && again.body == first.body)
            #expect(again.headers.first("Content-Type") == "application/problem+json")
        }
    }

    @Test func `is forgotten after a day, and taken over when nobody ended it`() async throws {
        try await withFullAPI(filled: Self.story) { api in
            let admin = try await api.token(.admin)
            func hold(_ reason: String) async throws -> Int {
                let headers = ["Idempotency-Key": "k"]
                let answer = try await api.send("POST", path, token: admin, headers: headers, #"{"reason": "\#(reason)"}"#)
                // Whose first request is under way is told when to come again.
                #expect((answer.headers.first("Retry-After") == "2") == (answer.status == 409))
                return answer.status
            }
            func age(_ sql: String) async throws {
                try await PostgresServer.run("UPDATE api_answers SET \(sql)", in: api.database)
            }
            #expect(try await hold("one") == 200)
            try await age("status = NULL")
            #expect(try await hold("one") == 409)
            try await age("created_at = now() - interval '2 minutes'")
            #expect(try await hold("two") == 422)
            #expect(try await hold("one") == 200)
            try await age("created_at = now() - interval '25 hours'")
            #expect(try await hold("two") == 200)
        }
    }

    @Test(arguments: ["", "\"\"", "a b", "ü", "a\"b", String(repeating: "k", count: 129)])
    func `is told when the key cannot be one`(key: String) async throws {
        try await withFullAPI(filled: Self.story) { api in
            let admin = try await api.token(.admin)
            let answer = try await api.send("POST", path, token: admin, headers: ["Idempotency-Key": key], #"{"reason": "x"}"#)
            // An HTTP client need not send an empty header.
            #expect(answer.status == 400 || (key.isEmpty && answer.status == 200))
        }
    }
}

struct `An answer that is read again` {
    @Test(arguments: [
        "/api/environments", "/api/environments/staging", "/api/environments/staging/releases", "/api/runs", "/api/runs/1a",
        "/api/runs/1a/events", "/api/approvals", "/api/announcements",
    ])
    func `is not sent again while it is the same`(path: String) async throws {
        try await withFullAPI(
            access: AccessSettings(readingIsOpen: true), filled: { try await $0.record("1a", commit: "one", at: 1, .waiting) }
        ) { api in
            let first = try await api.send("GET", path)
            let tag = try #require(first.headers.first("ETag"))
            for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let again = try await api.send("GET", path, headers: ["If-None-Match": known])
                #expect(again.status == 304 && again.body.isEmpty && again.headers.first("ETag") == tag, "\(known)")
            }
            let other = try await api.send("GET", path, headers: ["If-None-Match": "\"x\""])
            #expect(other.status == 200 && other.body == first.body)
        }
    }

    @Test func `is another as soon as the ledger has more`() async throws {
        try await withFullAPI(access: AccessSettings(readingIsOpen: true)) { api in
            let sample = try SampleLedger(api.ledger)
            try await sample.record("1a", commit: "one", at: 1, .waiting)
            let tag = try #require(try await api.send("GET", "/api/runs").headers.first("ETag"))
            try await sample.record("1b", commit: "two", at: 2, .waiting)
            #expect(try await api.send("GET", "/api/runs", headers: ["If-None-Match": tag]).status == 200)
        }
    }
}
