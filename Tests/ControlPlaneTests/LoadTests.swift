import CanonicalJSON
import Foundation
import HTTP
import Postgres
import PostgresServer
import Services
import Testing

@testable import ControlPlane

struct `A caller who asks too often` {
    @Test func `is told to wait, and nobody else is`() async throws {
        try await withFullAPI(access: AccessSettings(rate: 1)) { api in
            let (busy, calm) = (try await api.token(.developer), try await api.token(.developer))
            var statuses: [Int] = []
            for _ in 0..<8 { statuses.append(try await api.send("GET", "/api/runs", token: busy).status) }
            #expect(statuses.prefix(5).allSatisfy { $0 == 200 } && statuses.contains(429), "\(statuses)")
            let refused = try await api.send("GET", "/api/runs", token: busy)
            if refused.status == 429 {
                #expect(refused.headers.first("Retry-After") == "1")
                #expect(refused.headers.first("Content-Type") == "application/problem+json")
            }
            #expect(try await api.send("GET", "/api/runs", token: calm).status == 200)
            #expect(try await api.send("GET", "/health").status == 200)
        }
    }

    @Test func `pays for bad tokens with the address`() async throws {
        try await withFullAPI(access: AccessSettings(rate: 1)) { api in
            var statuses: [Int] = []
            for _ in 0..<10 {
                statuses.append(try await api.send("GET", "/api/runs", token: TokenText.random().text).status)
            }
            #expect(statuses.prefix(5).allSatisfy { $0 == 401 } && statuses.contains(429), "\(statuses)")
        }
    }

    @Test func `is let in again after a while, and without a bound always`() async {
        let (bounded, open) = (Rates(perSecond: 100), Rates(perSecond: 0))
        var taken = 0
        while bounded.take("a") { taken += 1 }
        #expect(taken >= 500)
        let begun = ContinuousClock.now
        while !bounded.take("a") {}
        #expect(ContinuousClock.now - begun < .seconds(1))
        for _ in 0..<1000 { #expect(open.take("a")) }
    }
}

struct `A database that is slow` {
    @Test func `is not waited for longer than a statement may take`() async throws {
        try await withFullAPI { api in
            let admin = try await api.token(.admin)
            let other = try await Connection(api.url, applicationName: "test", connectTimeout: .seconds(10))
            try await other.execute(script: "BEGIN; LOCK TABLE api_tokens IN ACCESS EXCLUSIVE MODE")
            let begun = ContinuousClock.now
            let answer = try await api.send("GET", "/api/runs", token: admin)
            #expect(answer.status == 503 && answer.headers.first("Retry-After") == "2")
            #expect(ContinuousClock.now - begun < .seconds(8))
            _ = try await other.query("ROLLBACK")
            await other.close()
            #expect(try await api.send("GET", "/api/runs", token: admin).status == 200)
        }
    }
}

struct `What the API counts of itself` {
    @Test func `has its routes, its sessions and its followers, and no path that somebody made up`() async throws {
        try await withFullAPI { api in
            let admin = try await api.token(.admin)
            _ = try await api.send("GET", "/api/runs/none", token: admin)
            _ = try await api.send("GET", "/made/up", token: admin)
            let answer = try await api.send("GET", "/metrics", token: admin)
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.headers.first("Content-Type") == "text/plain; version=0.0.4")
            #expect(text.contains(#"shipit_http_requests_total{route="/api/runs/{id}",method="GET",status="404"} 1"#))
            #expect(text.contains(#"shipit_http_requests_total{route="none",method="GET",status="404"} 1"#))
            #expect(text.contains("shipit_followers 0\n") && text.contains(#"shipit_database_sessions{state="busy"} 0"#))
            #expect(!text.contains("made"))
        }
    }
}

struct `Hostile requests` {
    @Test(arguments: [
        ("GET", "/api/environments/..%2f..%2fetc%2fpasswd", 400), ("GET", "/api/runs/..", 404),
        ("GET", "/api/runs/%00", 400), ("GET", "/api/runs/1a%0d%0aX-Evil:%201", 400), ("GET", "/api/runs/1a/../../tokens", 404),
        ("DELETE", "/api/tokens/%27%20OR%201=1", 400), ("GET", "/api/accesses?before=1%20OR%201=1", 400),
        ("DELETE", "/api/environments/staging/hold?reason=a%0d%0aSet-Cookie:%20x", 400),
        ("DELETE", "/api/environments/x%27;DROP%20TABLE%20api_tokens;--/hold?reason=x", 400),
        ("GET", "//api/tokens", 200), ("TRACE", "/api/runs", 405), ("CONNECT", "/api/runs", 405),
    ])
    func `find nothing`(method: String, path: String, status: Int) async throws {
        try await withFullAPI { api in
            let admin = try await api.token(.admin)
            let answer = try await Wire.exchange(
                api.service.port, "\(method) \(path) HTTP/1.1", "Authorization: Bearer \(admin)")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer.prefix(300))")
            #expect(!answer.contains("X-Evil") && !answer.contains("Set-Cookie:"))
            // Everything is still there.
            #expect(try await api.send("GET", "/api/tokens", token: admin).status == 200)
        }
    }

    @Test func `leave their text in the database as text`() async throws {
        try await withFullAPI { api in
            let admin = try await api.token(.admin)
            let name = "'); DROP TABLE api_tokens; --"
            let made = try await api.send("POST", "/api/tokens", token: admin, #"{"name": "\#(name)", "role": "ci"}"#)
            #expect(made.status == 201 && made.object["token"]?["name"] == .text(name))
            let count = try await PostgresServer.run("SELECT count(*) FROM api_tokens", in: api.database)
            #expect(count.rows.first?.integer(0) == 2)
        }
    }

    @Test(arguments: ["Bearer a\u{0}b", "bearer", "Bearer  ", "Bearer shipit_x_y, Bearer z", "Digest x"])
    func `open nothing with a strange header`(value: String) async throws {
        try await withFullAPI { api in
            let answer = try await Wire.exchange(api.service.port, "GET /api/runs HTTP/1.1", "Authorization: \(value)")
            #expect(answer.hasPrefix("HTTP/1.1 401 ") || answer.hasPrefix("HTTP/1.1 400 "), "\(answer.prefix(100))")
        }
    }
}
