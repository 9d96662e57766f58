import CanonicalJSON
import Foundation
import HTTP
import Journal
import Pipeline
import Records
import Services
import Testing

@testable import ControlPlane

struct `What stages printed` {
    private static let path = "/api/runs/1a/stages/build-api/log"

    /// An API with a run that is under way, and one that ended long ago; and the text of a token.
    private static func withLogs(_ body: (FullAPI, _ token: String) async throws -> Void) async throws {
        try await withFullAPI {
            let now = Int64(Date.now.timeIntervalSince1970 * 1000)
            try await $0.record("1a", commit: "one", at: now, .running(try #require(StageName("build-api"))))
            try await $0.record("0a", commit: "two", at: 1_000_000, .succeeded)
        } _: { api in
            try await body(api, try await api.token(.developer, name: "anna@laptop"))
        }
    }

    /// Sends a piece of a log.
    private static func grow(
        _ api: FullAPI, _ token: String?, _ path: String = path + "?attempt=1", at offset: String?, _ text: String,
        type: String = "application/octet-stream"
    ) async throws -> HTTPResponse {
        var headers = ["Content-Type": type]
        headers["Upload-Offset"] = offset
        return try await api.send("PATCH", path, token: token, headers: headers, text)
    }

    @Test func `is sent piece by piece, and read whole and in parts`() async throws {
        try await Self.withLogs { api, token in
            #expect(try await api.send("GET", Self.path, token: token).body == [])
            let first = try await Self.grow(api, token, at: "0", "hello\n")
            #expect(first.status == 204 && first.headers.first("Upload-Offset") == "6", "\(first)")
            #expect(try await Self.grow(api, token, at: "6", "world\n").headers.first("Upload-Offset") == "12")

            let whole = try await api.send("GET", Self.path, token: token)
            #expect(whole.status == 200 && whole.body == Array("hello\nworld\n".utf8), "\(whole)")
            #expect(whole.headers.first("Content-Type") == "text/plain; charset=utf-8")
            #expect(whole.headers.first("Accept-Ranges") == "bytes" && whole.headers.first("Content-Length") == "12")
            let tag = try #require(whole.headers.first("ETag"))
            let same = try await api.send("GET", Self.path, token: token, headers: ["If-None-Match": tag])
            #expect(same.status == 304 && same.body.isEmpty)
            let head = try await api.send("HEAD", Self.path, token: token)
            #expect(head.status == 200 && head.headers.first("Content-Length") == "12" && head.body.isEmpty)

            for (range, text, told) in [
                ("bytes=6-", "world\n", "bytes 6-11/12"), ("bytes=1-3", "ell", "bytes 1-3/12"),
                ("bytes=-2", "d\n", "bytes 10-11/12"),
            ] {
                let part = try await api.send("GET", Self.path + "?attempt=1", token: token, headers: ["Range": range])
                #expect(part.status == 206 && part.body == Array(text.utf8), "\(range): \(part)")
                #expect(part.headers.first("Content-Range") == told)
            }
            let beyond = try await api.send("GET", Self.path, token: token, headers: ["Range": "bytes=12-"])
            #expect(beyond.status == 416 && beyond.headers.first("Content-Range") == "bytes */12", "\(beyond)")
            #expect(beyond.headers.first("Content-Type") == "application/problem+json")

            let list = try await api.send("GET", "/api/runs/1a/logs", token: token).object["logs"]?.items
            #expect(
                list?.map { $0["stage"]?.text } == ["build-api"] && list?.first?["size"] == .number(12),
                "\(String(describing: list))")
        }
    }

    @Test func `of many megabytes is answered whole`() async throws {
        try await Self.withLogs { api, token in
            let logs = try #require(api.ledger.store.logs)
            let name = LogName(run: "1a", stage: "build-api", attempt: 1)
            var size: Int64 = 0
            for number in 0..<12 {
                let piece = Array(repeating: UInt8(ascii: "a") + UInt8(number), count: LogLimits.piece)
                #expect(try await logs.append(piece, to: name, at: size) == .added)
                size += Int64(piece.count)
            }
            let whole = try await api.client.send(
                HTTPRequest(
                    url: api.service.url(Self.path), headers: ["Authorization": "Bearer \(token)"], responseLimit: 4 << 20))
            #expect(whole.status == 200 && Int64(whole.body.count) == size)
            #expect(whole.body.first == UInt8(ascii: "a") && whole.body.last == UInt8(ascii: "l"))
        }
    }

    @Test func `is refused where it does not belong`() async throws {
        try await Self.withLogs { api, token in
            #expect(try await Self.grow(api, token, at: "0", "one").status == 204)
            let elsewhere = try await Self.grow(api, token, at: "9", "two")
            #expect(elsewhere.status == 409 && elsewhere.headers.first("Upload-Offset") == "3", "\(elsewhere)")
            #expect(elsewhere.object["detail"]?.text?.contains("ends at 3") == true)
            for offset in [nil, "", "-1", "x", "99999999999999999999"] {
                #expect(try await Self.grow(api, token, at: offset, "two").status == 400, "\(offset ?? "nil")")
            }
            #expect(try await Self.grow(api, token, at: "3", "").status == 400)
            #expect(try await Self.grow(api, token, at: "3", "{}", type: "application/json").status == 415)
            let long = String(repeating: "x", count: LogLimits.piece + 1)
            #expect(try await Self.grow(api, token, at: "3", long).status == 413)
            #expect(try await Self.grow(api, token, Self.path, at: "3", "x").status == 400, "without an attempt")
            for path in [
                "1a/stages/build-api/log?attempt=2", "1a/stages/nothing/log?attempt=1", "none/stages/build-api/log?attempt=1",
            ] {
                #expect(try await Self.grow(api, token, "/api/runs/\(path)", at: "0", "x").status == 404, "\(path)")
                #expect(try await api.send("GET", "/api/runs/\(path)", token: token).status == 404, "\(path)")
            }
            let late = try await Self.grow(api, token, "/api/runs/0a/stages/build-api/log?attempt=1", at: "0", "x")
            #expect(late.status == 422 && late.object["detail"]?.text?.contains("ended") == true, "\(late)")
            #expect(try await Self.grow(api, nil, at: "3", "two").status == 401)
            #expect(try await api.send("GET", Self.path, token: token).body == Array("one".utf8))
        }
    }

    @Test func `has a line in the record of accesses where it begins, and none for each piece`() async throws {
        try await Self.withLogs { api, token in
            _ = try await Self.grow(api, token, at: "0", "one")
            _ = try await Self.grow(api, token, at: "3", "two")
            _ = try await Self.grow(api, nil, at: "6", "three")
            // Another way to write 0.
            _ = try await Self.grow(api, token, at: "+0", "four")
            let admin = try await api.token(.admin)
            let found = try await api.send("GET", "/api/accesses", token: admin).object["accesses"]?.items ?? []
            #expect(found.map { $0["status"] } == [.number(409), .number(401), .number(204)], "\(found)")
            #expect(found.last?["name"] == .text("anna@laptop") && found.last?["path"] == .text(Self.path))
        }
    }

    @Test func `grows by whoever drives the run, and by nobody else`() async throws {
        try await Self.withLogs { api, token in
            let other = try await api.token(.releaseManager, name: "rita")
            let refused = try await Self.grow(api, other, at: "0", "noise")
            #expect(refused.status == 403 && refused.object["detail"]?.text?.contains("rita") == true, "\(refused)")
            #expect(try await Self.grow(api, token, at: "0", "one").status == 204)
            // Later pieces have no line of their own, but refusals do.
            #expect(try await Self.grow(api, other, at: "3", "noise").status == 403)
            let admin = try await api.token(.admin)
            #expect(try await Self.grow(api, admin, at: "3", "two").status == 204)
            #expect(try await api.send("GET", Self.path, token: token).body == Array("onetwo".utf8))
            let found = try await api.send("GET", "/api/accesses", token: admin).object["accesses"]?.items ?? []
            #expect(found.map { $0["status"] } == [.number(403), .number(204), .number(403)], "\(found)")

            // Who takes the run up drives it from then on.
            let run = try await api.ledger.run("1a")
            let resumed = Stamped(RunEvent.resumed(Driver(id: "d", host: "h", pid: 1, started: "1")), at: 3, by: "rita")
            _ = try await api.ledger.store.append(
                [Append(JournalName(.run, "1a"), expected: run.position, bodies: [resumed.bytes])], under: [])
            #expect(try await Self.grow(api, other, at: "6", "rita's").status == 204)
        }
    }

    @Test func `of a ledger in a file is not here`() async throws {
        try await withAPI {
            try await $0.record("1a", commit: "one", at: 1_000_000, .succeeded)
        } _: { service in
            let client = HTTPClient()
            let answer = try await service.get(Self.path, client)
            #expect(answer.status == 404 && answer.object["detail"]?.text?.contains("shipit logs") == true)
            #expect(try await service.get("/api/runs/1a/logs", client).object["logs"]?.items.isEmpty == true)
        }
    }
}
