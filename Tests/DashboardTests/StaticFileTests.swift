import Foundation
import Gzip
import HTTP
import Services
import Testing

struct `The page's files` {
    let client = HTTPClient()

    @Test(arguments: [
        ("/", "text/html; charset=utf-8"), ("/index.html", "text/html; charset=utf-8"), ("/app.css", "text/css; charset=utf-8"),
        ("/app.js", "text/javascript; charset=utf-8"), ("/icon.svg", "image/svg+xml"),
    ])
    func `are served with their type and a strict policy`(path: String, type: String) async throws {
        try await withDashboard(api: 1) { service in
            let response = try await client.send(HTTPRequest(url: service.url(path)))
            #expect(response.status == 200 && !response.body.isEmpty)
            #expect(response.headers.first("Content-Type") == type)
            let policy = response.headers.first("Content-Security-Policy") ?? ""
            #expect(policy.hasPrefix("default-src 'self'") && !policy.contains("unsafe"))
            #expect(response.headers.first("X-Content-Type-Options") == "nosniff")
        }
    }

    @Test func `are not sent again when they have not changed`() async throws {
        try await withDashboard(api: 1) { service in
            let first = try await client.send(HTTPRequest(url: service.url("/app.js")))
            let tag = try #require(first.headers.first("ETag"))
            let second = try await client.send(HTTPRequest(url: service.url("/app.js"), headers: ["If-None-Match": tag]))
            #expect(second.status == 304 && second.body.isEmpty)
        }
    }

    @Test func `are named in the page by a version, and kept by who has them`() async throws {
        try await withDashboard(api: 1) { service in
            let page = String(decoding: try await client.send(HTTPRequest(url: service.url("/"))).body, as: UTF8.self)
            let version = try #require(page.firstMatch(of: /src="v\/([0-9a-f]{16})\/app\.js"/)?.1)
            #expect(!page.contains("\"app.css\"") && page.contains("\"v/\(version)/app.css\""))
            let lasting = try await client.send(HTTPRequest(url: service.url("/v/\(version)/app.js")))
            #expect(lasting.status == 200 && lasting.headers.first("Cache-Control") == "public, max-age=31536000, immutable")
            let other = try await client.send(HTTPRequest(url: service.url("/v/0123456789abcdef/app.js")))
            #expect(other.status == 200 && other.headers.first("Cache-Control") == "no-cache" && other.body == lasting.body)
            #expect(try await client.send(HTTPRequest(url: service.url("/"))).headers.first("Cache-Control") == "no-cache")
            for path in ["/v/\(version)/index.html", "/v/\(version)/", "/v/\(version)/../app.js", "/v/\(version)/none.js"] {
                #expect(try await client.send(HTTPRequest(url: service.url(path))).status == 404, "\(path)")
            }
        }
    }

    @Test(arguments: [
        ("gzip", true), ("br, GZIP;q=0.5", true), ("deflate, gzip", true), ("", false), ("br", false), ("gzip;q=0", false),
        ("gzipped", false), ("identity, gzip; q=0.0", false),
    ])
    func `are compressed for who takes that`(accepted: String, isCompressed: Bool) async throws {
        try await withDashboard(api: 1) { service in
            let plain = try await client.send(HTTPRequest(url: service.url("/app.css")))
            let answer = try await client.send(
                HTTPRequest(url: service.url("/app.css"), headers: ["Accept-Encoding": accepted]))
            #expect(answer.headers.first("Vary") == "Accept-Encoding")
            #expect((answer.headers.first("Content-Encoding") == "gzip") == isCompressed)
            #expect((answer.headers.first("ETag") == plain.headers.first("ETag")) == !isCompressed)
            #expect(
                isCompressed
                    ? answer.body.starts(with: [0x1F, 0x8B]) && answer.body.count * 3 < plain.body.count
                    : answer.body == plain.body)
        }
    }

    @Test(arguments: [
        "/../Package.swift", "/%2e%2e/main.swift", "/..%2fmain.swift", "/%2e%2e%2fmain.swift", "/..%5cmain.swift",
        "/./index.html",
        "//etc/passwd", "/%2fetc%2fpasswd", "/index.html%00.css", "/.hidden", "/v/x/..%2findex.html", "/v/../index.html",
        "/main.swift", "/Public", "/..",
        "/api/../index.html", "/api/%2e%2e/health", "/api/..%2fhealth", "/api//health/..", "/api/a%0d%0ab",
    ])
    func `are the only ones, however a path is written`(path: String) async throws {
        try await withDashboard(api: 1) { service in
            let answer = try await Wire.exchange(service.port, "GET \(path) HTTP/1.1")
            #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.contains("application/problem+json"))
        }
    }

    @Test func `hold no script or style of their own in the page, and never make markup of data`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/apps/web/Public")
        let page = try String(contentsOf: folder.appending(path: "index.html"), encoding: .utf8)
        #expect(!page.contains("<style") && !page.contains("style=") && !page.contains(" onclick"))
        #expect(page.ranges(of: "<script").count == page.ranges(of: "></script>").count)
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".js") {
            let script = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser"] {
                #expect(!script.contains(word), "\(file)")
            }
        }
    }

    @Test func `are the same after gunzip`() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let file = FileManager.default.temporaryDirectory.appending(path: "shipit-\(UUID().uuidString).gz")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(try #require(Gzip.compressed(bytes))).write(to: file)
        let gunzip = Process()
        gunzip.executableURL = URL(filePath: "/bin/gzip")
        gunzip.arguments = ["-dc", file.path]
        let pipe = Pipe()
        gunzip.standardOutput = pipe
        try gunzip.run()
        #expect(Array(try pipe.fileHandleForReading.readToEnd() ?? Data()) == bytes)
        #expect(Gzip.compressed([]) != nil)
    }

    @Test func `need an index.html`() {
        #expect(throws: (any Error).self) { try Dashboards.inEmptyFolder() }
    }
}
