import CanonicalJSON
import Foundation
import HTTP
import Hashing
import Pipeline
import Postgres
import PostgresServer
import Services
import Testing

@testable import ControlPlane
@testable import Serving

/// A command that was to succeed and did not.
private struct NotDone: Error {}

struct `A token` {
    @Test func `is read as it was written, and prints no secret`() throws {
        let token = TokenText.random()
        let read = try #require(TokenText(token.text))
        #expect(read.id == token.id && read.sum == token.sum && read.text == token.text)
        let secret = try #require(token.text.split(separator: "_").last)
        #expect(secret.count == 64)
        var dumped = "\(token) \(String(reflecting: token))"
        dump(token, to: &dumped)
        #expect(!dumped.contains(secret))
    }

    @Test func `is never the same twice`() {
        #expect(Set((0..<1000).map { _ in TokenText.random().text }).count == 1000)
    }

    @Test(arguments: [
        "", "shipit", "shipit_", "shipit__", "shipit_aaaaaaaaaaaaa_", "shipit_aaaaaaaaaaaaa_zz",
        "shipit_AAAAAAAAAAAAA_" + String(repeating: "0", count: 64), "shipit_aaaaaaaaaaaaa_" + String(repeating: "0", count: 65),
        "shipit_aaaaaaaaaaaa'_" + String(repeating: "0", count: 64),
        "shipit_aaaaaaaaaaaaa_" + String(repeating: "0", count: 64) + "_",
        "ghp_aaaaaaaaaaaaa_" + String(repeating: "0", count: 64),
    ])
    func `is nothing else`(text: String) {
        #expect(TokenText(text) == nil)
    }

    @Test func `matches its own hash alone`() {
        let token = TokenText.random()
        #expect(token.matches(token.sum.bytes))
        for index in [0, 15, 31] {
            var other = token.sum.bytes
            other[index] ^= 1
            #expect(!token.matches(other))
        }
        #expect(!token.matches([]) && !token.matches(Array(token.sum.bytes.dropLast())))
    }

    @Test func `opens nothing once it is expired, revoked, changed, or for another project`() async throws {
        try await withFullAPI { api in
            let (good, expired, revoked) = (
                try await api.token(.developer), try await api.token(.developer), try await api.token(.developer)
            )
            func id(_ text: String) throws -> String { try #require(TokenText(text)).id }
            try await PostgresServer.run(
                "UPDATE api_tokens SET expires_at = now() WHERE id = $1", [.text(try id(expired))], in: api.database)
            let admin = try await api.token(.admin)
            #expect(try await api.send("DELETE", "/api/tokens/\(try id(revoked))", token: admin).status == 200)
            let wrong = String(good.dropLast()) + (good.last == "0" ? "1" : "0")
            for (token, status) in [
                (good, 200), (expired, 401), (revoked, 401), (wrong, 401), (TokenText.random().text, 401),
                (try await api.token(.admin, project: "other"), 403), ("", 401), ("x", 401), ("' OR 1=1 --", 401),
                (String(repeating: "a", count: 4000), 401),
            ] {
                let answer = try await api.send("GET", "/api/runs", token: token)
                #expect(answer.status == status, "\(token)")
                #expect(!answer.body.isEmpty && !String(decoding: answer.body, as: UTF8.self).contains(good))
            }
            // Reading that is open to everybody does not make a bad token a good one.
            let basic = try await api.send("GET", "/api/runs", headers: ["Authorization": "Basic YTpi"])
            #expect(basic.status == 401 && basic.headers.first("WWW-Authenticate")?.contains("invalid_token") == true)
        }
    }

    @Test func `that is bad is refused also where everybody may read`() async throws {
        try await withFullAPI(access: AccessSettings(readingIsOpen: true)) { api in
            let (bad, none) = (
                try await api.send("GET", "/api/runs", token: TokenText.random().text), try await api.send("GET", "/api/runs")
            )
            #expect(bad.status == 401 && none.status == 200)
        }
    }

    @Test func `is made, listed and revoked by an admin of its project, and told once`() async throws {
        try await withFullAPI { api in
            let admin = try await api.token(.admin, name: "root")
            let made = try await api.send(
                "POST", "/api/tokens", token: admin, #"{"name": "deploy bot", "role": "ci", "expires": "12h"}"#)
            let text = try #require(made.object["text"]?.text)
            #expect(made.status == 201 && made.object["token"]?["by"] == .text("root"))
            #expect(try await api.send("GET", "/api/runs", token: text).status == 200)
            _ = try await api.token(.ci, name: "foreign", project: "other")
            let list = try await api.send("GET", "/api/tokens", token: admin)
            #expect(list.object["tokens"]?.items.map { $0["name"]?.text } == ["deploy bot", "root"])
            #expect(list.object["tokens"]?.items.first?["used"] != nil)
            let secret = try #require(text.split(separator: "_").last)
            #expect(!String(decoding: list.body, as: UTF8.self).contains(secret))
            let stored = try await PostgresServer.run("SELECT encode(sum, 'hex'), * FROM api_tokens", in: api.database)
            #expect(!"\(stored.rows)".contains(secret))
            let id = try #require(made.object["token"]?["id"]?.text)
            #expect(try await api.send("DELETE", "/api/tokens/\(id)", token: admin).object["revoked"] != nil)
            #expect(try await api.send("GET", "/api/runs", token: text).status == 401)
            let other = try #require(TokenText(try await api.token(.ci, project: "other"))).id
            #expect(try await api.send("DELETE", "/api/tokens/\(other)", token: admin).status == 404)
        }
    }

    @Test func `is listed while it opens something, page by page, and with all others when they are asked for`() async throws {
        try await withFullAPI { api in
            // Made at the same moment, as far as a page's end tells.
            try await PostgresServer.run(
                """
                INSERT INTO api_tokens (id, sum, name, project, role, created_at, created_by, expires_at, revoked_at)
                SELECT 'aaaaaaaaaaaa' || chr(ascii('a') + n), sha256('x'), 'n' || n, 'default', 'ci',
                    now() - interval '1 day' + (n / 3) * interval '1 microsecond', 'test',
                    now() + interval '1 day' * (CASE WHEN n = 4 THEN -1 ELSE 1 END), CASE WHEN n = 7 THEN now() END
                FROM generate_series(0, 11) AS n
                """, in: api.database)
            let admin = try await api.token(.admin, name: "root")
            func names(_ query: String) async throws -> [[String]] {
                var (pages, next): ([[String]], String) = ([], "")
                while pages.count < 20 {
                    let answer = try await api.send("GET", "/api/tokens?\(query)\(next)", token: admin)
                    pages.append((answer.object["tokens"]?.items ?? []).compactMap { $0["name"]?.text })
                    guard let place = answer.object["next"]?.text else { break }
                    next = "&before=\(place)"
                }
                return pages
            }
            let live = ["root"] + [11, 10, 9, 8, 6, 5, 3, 2, 1, 0].map { "n\($0)" }
            let all = ["root"] + (0...11).reversed().map { "n\($0)" }
            #expect(try await names("limit=4").map(\.count) == [4, 4, 3])
            #expect(try await names("limit=4").flatMap(\.self) == live)
            #expect(try await names("all=false") == [live])
            #expect(try await names("limit=1&all=true").flatMap(\.self) == all)
            for bad in ["before=1", "before=x.aaaaaaaaaaaaa", "before=1.aaaaaaaaaaaaA", "all=yes", "limit=201"] {
                #expect(try await api.send("GET", "/api/tokens?\(bad)", token: admin).status == 400, "\(bad)")
            }
        }
    }

    @Test(arguments: [
        "{}", "[]", "null", "", "{", #"{"name": "a"}"#, #"{"name": "", "role": "ci"}"#, #"{"name": "a\nb", "role": "ci"}"#,
        #"{"name": "a", "role": "root"}"#, #"{"name": "a", "role": "ci", "expires": "never"}"#,
        #"{"name": "a", "role": "ci", "expires": "400d"}"#, #"{"name": "ü", "role": "ci"}"#, #"{"name": 1, "role": "ci"}"#,
        #"{"name": "a", "role": "ci", "expires": null}"#, "\u{0}", String(repeating: "[", count: 16_000),
    ])
    func `is not made from`(body: String) async throws {
        try await withFullAPI { api in
            let admin = try await api.token(.admin)
            let answer = try await api.send("POST", "/api/tokens", token: admin, body)
            #expect(answer.status == 400 && answer.object["detail"]?.text != nil, "\(answer.status)")
        }
    }

    @Test func `is made on the command line before there is any, and says what is wrong`() async throws {
        try await withFullAPI { api in
            let environment = ["DATABASE_URL": api.database.string ?? "", "API_PROJECT": "default"]
            let program = TokenProgram(environment: environment)
            guard
                case .done(let text) = try await program.run([
                    "token", "create", "--name", "first", "--role", "admin", "--expires", "1h",
                ])
            else { throw NotDone() }
            let token = String(text.dropLast())
            #expect(try await api.send("GET", "/api/tokens", token: token).status == 200)
            let id = try #require(TokenText(token)).id
            guard case .done(let list) = try await program.run(["token", "list"]) else { throw NotDone() }
            #expect(list.hasPrefix("\(id)\tdefault\tadmin\tfirst\tuntil ") && list.contains("used 20"))
            guard case .done(let revoked) = try await program.run(["token", "revoke", id]) else { throw NotDone() }
            #expect(revoked.contains("\trevoked 20"))
            #expect(try await program.run(["token", "list"]) == .done(""))
            #expect(try await program.run(["token", "list", "--project", "default", "--all"]) == .done(revoked))
            #expect(try await api.send("GET", "/api/tokens", token: token).status == 401)
            // More than are read at once.
            try await PostgresServer.run(
                """
                INSERT INTO api_tokens (id, sum, name, project, role, created_by, expires_at)
                SELECT 'aaaaaaaaaa' || translate(to_char(n, 'FM000'), '0189', 'abcd'), sha256('x'), 'n' || n, 'default', 'ci', 'test',
                    now() + interval '1 day'
                FROM generate_series(0, 200) AS n
                """, in: api.database)
            guard case .done(let long) = try await program.run(["token", "list"]) else { throw NotDone() }
            let names = long.split(separator: "\n").map { String($0.split(separator: "\t")[3]) }
            #expect(Set(names) == Set((0...200).map { "n\($0)" }) && names.count == 201)
            #expect(try await program.run(["token", "revoke", "aaaaaaaaaaaaa"]) != nil)
            #expect(try await program.run(["other"]) == nil)
            for bad in [
                ["token"], ["token", "create"], ["token", "create", "--name", "a", "--role", "boss"], ["token", "revoke", "x"],
                ["token", "create", "--name", "a", "--name", "b", "--role", "ci"], ["token", "list", "--every"],
            ] {
                await #expect(throws: SettingsError.self, "\(bad)") { try await program.run(bad) }
            }
        }
    }

    @Test func `cannot be made before the database is migrated, which is said`() async throws {
        try await PostgresServer.withDatabase { database in
            let program = TokenProgram(environment: ["DATABASE_URL": database.string ?? ""])
            guard case .failed(let reason) = try await program.run(["token", "list"]) else { throw NotDone() }
            #expect(reason.contains("migrations"))
        }
    }
}
