import CanonicalJSON
import Foundation
import HTTP
import Hashing
import LedgerAPI
import Pipeline
import PostgresServer
import Records
import Services
import Testing

@testable import ControlPlane

struct `An API whose database is behind a PgBouncer` {
    @Test(arguments: [PostgresPooler.transactions, .sessions])
    func `does all that it does without one`(pooler: PostgresPooler) async throws {
        try await withFullAPI(through: pooler) { sample in
            try await sample.record("1a", commit: "one", at: 1_000_000, .waiting)
        } _: { api in
            let admin = try await api.token(.admin, name: "anna")
            let wire = try Wire(to: api.service.port)
            wire.send(
                "GET /api/runs/1a/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \(admin)\r\n\r\n")
            // More than once for each session, all at the same time: whoever of the server's sessions they meet.
            try await withThrowingTaskGroup(of: Int.self) { group in
                for path in ["/api/runs", "/api/environments", "/api/announcements", "/api/accesses", "/api/tokens"] {
                    for number in 1...20 {
                        group.addTask { try await api.send("GET", "\(path)?limit=\(number)", token: admin).status }
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            let sum = try #require(try await api.ledger.run("1a").run.waitingApprovals.first).change.sum.hex
            let body = #"{"decision": "reject", "change": "\#(sum)", "reason": "no"}"#
            for isReplayed in [false, true] {
                let answer = try await api.send(
                    "POST", "/api/runs/1a/approval", token: admin, headers: ["Idempotency-Key": "k1"], body)
                #expect(answer.status == 200 && (answer.headers.first("Idempotency-Replayed") == "true") == isReplayed)
            }
            let held = try await api.send(
                "POST", "/api/environments/staging/hold", token: admin, #"{"reason": "a test"}"#)
            #expect(held.status == 200 && held.object["hold"]?["by"] == .text("anna"))
            #expect(await wire.receive().contains("event: end\n"))
            let accesses = try await api.send("GET", "/api/accesses", token: admin).object["accesses"]?.items
            #expect(accesses?.map { $0["status"] } == [.number(200), .number(200), .number(200)])
        }
    }
}
