import Foundation
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

    @Test(arguments: [
        "/../Package.swift", "/%2e%2e/main.swift", "/..%2fmain.swift", "/%2e%2e%2fmain.swift", "/..%5cmain.swift",
        "/./index.html",
        "//etc/passwd", "/%2fetc%2fpasswd", "/index.html%00.css", "/.hidden", "/main.swift", "/Public", "/..",
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

    @Test func `need an index.html`() {
        #expect(throws: (any Error).self) { try Dashboards.inEmptyFolder() }
    }
}
