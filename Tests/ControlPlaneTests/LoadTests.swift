import CanonicalJSON
import Foundation
import HTTP
import Postgres
import PostgresServer
import Services
import Testing

@testable import ControlPlane
@testable import Serving

/// How many questions of the API's database wait for a lock.
private func waiting(_ api: FullAPI) async throws -> Int64 {
    // From outside of the transaction that has the lock, which sees always the same of others.
    let found = try await PostgresServer.run(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", in: api.database)
    return found.rows.first?.integer(0) ?? 0
}

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

    @Test func `locks out nobody with a good token, wherever bad ones come from`() async throws {
        try await withFullAPI(access: AccessSettings(rate: 1)) { api in
            for _ in 0..<20 { _ = try await api.send("GET", "/api/runs", token: TokenText.random().text) }
            #expect(try await api.send("GET", "/api/runs", token: TokenText.random().text).status == 429)
            // Nobody has seen it before.
            let good = try await api.token(.developer)
            let id = try #require(TokenText(good)).id
            for _ in 0..<4 { #expect(try await api.send("GET", "/api/runs", token: good).status == 200) }
            // A good one's id with another secret takes nothing of what its owner may send.
            _ = try await api.send("GET", "/api/runs", token: "shipit_\(id)_" + String(repeating: "0", count: 64))
            #expect(try await api.send("GET", "/api/runs", token: good).status == 200)
        }
    }

    @Test func `costs one question at a time with bad tokens`() async throws {
        try await withFullAPI(access: AccessSettings(rate: 1)) { api in
            let other = try await Connection(api.url, applicationName: "test", connectTimeout: .seconds(10))
            // Once a second the address may ask again: where the machine takes that long, it is tried anew.
            var most: Int64 = 0
            for _ in 0..<5 where most != 1 {
                try await other.execute(script: "BEGIN; LOCK TABLE api_tokens IN ACCESS EXCLUSIVE MODE")
                while try await api.send("GET", "/api/runs").status != 429 {}
                most = try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<12 {
                        group.addTask { _ = try await api.send("GET", "/api/runs", token: TokenText.random().text) }
                    }
                    var most: Int64 = 0
                    for _ in 0..<30 { most = max(most, try await waiting(api)) }
                    _ = try await other.query("ROLLBACK")
                    try await group.waitForAll()
                    return most
                }
            }
            #expect(most == 1)
            await other.close()
        }
    }

    @Test func `costs no question with a token that is known to have no requests left`() async throws {
        try await withFullAPI(access: AccessSettings(rate: 1)) { api in
            let busy = try await api.token(.developer)
            func status() async throws -> Int { try await api.send("GET", "/api/runs", token: busy).status }
            let other = try await Connection(api.url, applicationName: "test", connectTimeout: .seconds(10))
            // Once a second it has one again: where the machine takes that long, it is tried anew.
            var asked = 0
            for _ in 0..<5 where asked != 429 {
                while try await status() != 429 {}
                try await other.execute(script: "BEGIN; LOCK TABLE api_tokens IN ACCESS EXCLUSIVE MODE")
                asked = try await status()
                _ = try await other.query("ROLLBACK")
            }
            #expect(asked == 429)
            await other.close()
        }
    }

    @Test func `is written down once a minute`() async throws {
        try await withFullAPI(access: AccessSettings(rate: 1)) { api in
            let (admin, busy) = (try await api.token(.admin), try await api.token(.developer, name: "dora"))
            func told(_ token: String) async throws -> Int {
                var count = 0
                for _ in 0..<15 where try await api.send("GET", "/api/runs", token: token).status == 429 { count += 1 }
                return count
            }
            let (refused, bad) = (try await told(busy), try await told(TokenText.random().text))
            #expect(refused > 1 && bad > 1)
            let found = try await api.send("GET", "/api/accesses?limit=200", token: admin).object["accesses"]?.items ?? []
            let lines = found.filter { $0["status"] == .number(429) }
            #expect(lines.map { $0["name"]?.text } == [nil, "dora"])
        }
    }

    @Test func `has the address that a proxy tells, where the proxy is believed`() async throws {
        func refusals(_ proxies: String) async throws -> (statuses: [Int], addresses: Set<String?>) {
            let access = AccessSettings(readingIsOpen: true, rate: 1, proxies: try Proxies(proxies, of: "API_PROXIES"))
            var seen: (statuses: [Int], addresses: Set<String?>) = ([], [])
            try await withFullAPI(access: access) { api in
                for number in 1...8 {
                    let headers = ["X-Forwarded-For": "192.0.2.1, 203.0.113.\(number)"]
                    seen.statuses.append(
                        try await api.send("GET", "/api/runs", token: TokenText.random().text, headers: headers).status)
                }
                let found = try await api.send("GET", "/api/accesses", token: try await api.token(.admin)).object["accesses"]
                seen.addresses = Set((found?.items ?? []).map { $0["address"]?.text })
            }
            return seen
        }
        let (believed, doubted) = (try await refusals("127.0.0.0/8"), try await refusals("10.0.0.0/8"))
        #expect(believed.statuses == Array(repeating: 401, count: 8) && doubted.statuses.contains(429))
        #expect(believed.addresses == Set((1...8).map { "203.0.113.\($0)" }) && doubted.addresses == ["127.0.0.1"])
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

struct `A sieve of tokens` {
    @Test(.timeLimit(.minutes(1)))
    func `asks one question at a time, however many tokens come, and knows a good one`() async throws {
        try await withFullAPI { api in
            let database = Database(api.url)
            let sieve = TokenSieve(Tokens(database: database), project: "default")
            let (good, foreign) = (try await api.token(.ci), try await api.token(.ci, project: "other"))
            let (expired, revoked) = (try await api.token(.ci), try await api.token(.ci))
            for (text, end) in [(expired, "expires_at"), (revoked, "revoked_at")] {
                let id = try #require(TokenText(text)).id
                try await PostgresServer.run(
                    "UPDATE api_tokens SET \(end) = now() WHERE id = $1", [.text(id)], in: api.database)
            }
            let forged = "shipit_\(try #require(TokenText(good)).id)_" + String(repeating: "0", count: 64)
            let texts =
                try [good, foreign, expired, revoked, forged].map { try #require(TokenText($0)) }
                + (0..<100).map { _ in TokenText.random() }
            let other = try await Connection(api.url, applicationName: "test", connectTimeout: .seconds(10))
            try await other.execute(script: "BEGIN; LOCK TABLE api_tokens IN ACCESS EXCLUSIVE MODE")
            async let passed = withThrowingTaskGroup(of: TokenText?.self) { group in
                for text in texts { group.addTask { try await sieve.passes(text) ? text : nil } }
                return try await group.reduce(into: [String]()) { found, text in if let text { found.append(text.text) } }
            }
            var questions: Int64 = 0
            while questions == 0 { questions = try await waiting(api) }
            #expect(questions == 1)
            _ = try await other.query("ROLLBACK")
            #expect(try await passed == [good])
            await other.close()
            await database.close()
        }
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
