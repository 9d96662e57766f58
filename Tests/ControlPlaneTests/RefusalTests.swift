import HTTP
import Services
import Testing

struct `The API refuses` {
    let client = HTTPClient()

    @Test(arguments: [
        ("/api/runs?limit=0", 400), ("/api/runs?limit=201", 400), ("/api/runs?limit=-1", 400), ("/api/runs?limit=x", 400),
        ("/api/runs?limit=99999999999999999999", 400), ("/api/runs?limit=", 400), ("/api/runs?before=A", 400),
        ("/api/runs?before=1%27%20OR%201=1--", 400), ("/api/runs/1a/events?after=-1", 400), ("/api/runs/1a/events?after=z", 400),
        ("/api/runs/x';DROP%20TABLE%20shipit.entries;--", 400), ("/api/runs/%27%20OR%20%271%27=%271", 400), ("/api/runs/A", 400),
        ("/api/runs/nobody", 404), ("/api/runs/nobody/events", 404), ("/api/environments/nowhere", 404),
        ("/api/environments/nowhere/releases", 404), ("/api/environments/UPPER", 400), ("/api/environments/-x", 400),
        ("/api/announcements?limit=1;DELETE", 400), ("/api", 404), ("/", 404), ("/api/runs/1a/more", 404), ("/api/../etc", 404),
    ])
    func `with a problem that says what is wrong`(path: String, status: Int) async throws {
        try await withAPI(filled: { try await $0.record("1a", commit: "one", at: 1, .waiting) }) { service in
            let answer = try await Wire.exchange(service.port, "GET \(path) HTTP/1.1")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            #expect(answer.contains("\r\nContent-Type: application/problem+json\r\n"))
            #expect(answer.contains("\r\nCache-Control: no-store\r\n"))
            #expect(answer.contains("\"status\":\(status),\"title\":\"") && answer.contains("\"type\":\"about:blank\""))
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    func `everything but reading`(method: String) async throws {
        try await withAPI(filled: { _ in }) { service in
            let response = try await client.send(HTTPRequest(method: method, url: service.url("/api/runs")))
            #expect(response.status == 405 && response.headers.first("Allow") == "GET, HEAD")
        }
    }

    @Test func `bodies and headers of any size`() async throws {
        try await withAPI(filled: { _ in }) { service in
            let body = try await client.send(HTTPRequest(url: service.url("/health"), body: [1, 2, 3]))
            #expect(body.status == 413)
            let chunked = try await Wire.exchange(service.port, "GET /health HTTP/1.1", "Transfer-Encoding: chunked")
            #expect(chunked.hasPrefix("HTTP/1.1 413 ") || chunked.hasPrefix("HTTP/1.1 400 "))
            let long = try await Wire.exchange(
                service.port, "GET /health HTTP/1.1", "X: " + String(repeating: "x", count: 20_000))
            #expect(!long.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `to repeat a request id that could be read as something else`() async throws {
        try await withAPI(filled: { _ in }) { service in
            let kept = try await Wire.exchange(service.port, "GET /health HTTP/1.1", "X-Request-ID: build-7.2_a")
            #expect(kept.contains("\r\nX-Request-ID: build-7.2_a\r\n"))
            for bad in ["a b", "<script>", "a\rSet-Cookie: x=1", "a%0d%0aSet-Cookie:%20x", String(repeating: "a", count: 65)] {
                let answer = try await Wire.exchange(service.port, "GET /health HTTP/1.1", "X-Request-ID: \(bad)")
                #expect(!answer.contains(bad) && !answer.contains("Set-Cookie"))
            }
        }
    }

    @Test func `no HEAD, and sends no body with it`() async throws {
        try await withAPI(filled: { _ in }) { service in
            let answer = try await Wire.exchange(service.port, "HEAD /api/runs HTTP/1.1")
            #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix("\r\n\r\n"))
        }
    }
}
