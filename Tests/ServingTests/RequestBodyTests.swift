import Hummingbird
import Services
import Testing

@testable import Serving

struct `The body of a request` {
    /// Answers with how many bytes came.
    private func withService(_ body: (RunningService) async throws -> Void) async throws {
        try await RunningService.with { onListening in
            let router = makeRouter(contentPolicy: "default-src 'none'") { $0 == "/closed" ? [.get, .head] : [.post] }
            router.post("/open") { request, _ in
                JSON.response([
                    "bytes": try await request.content("application/json", upTo: 100, within: .milliseconds(300)).count
                ])
            }
            router.post("/closed") { _, _ in JSON.response(["bytes": 0]) }
            return makeServer(
                router, settings: ServerSettings(host: "127.0.0.1", port: 0), logger: RunningService.silent,
                onListening: onListening)
        } _: {
            try await body($0)
        }
    }

    private func start(_ service: RunningService, _ length: Int, path: String = "/open") throws -> Wire {
        let wire = try Wire(to: service.port)
        wire.send("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n\r\n")
        return wire
    }

    @Test func `is waited for as long as it may take, then the connection is closed`() async throws {
        try await withService { service in
            let wire = try start(service, 100)
            wire.send("{")
            let begun = ContinuousClock.now
            // Everything until the other side closes.
            let answer = await wire.receive()
            #expect(answer.hasPrefix("HTTP/1.1 408 ") && answer.contains("did not come within"))
            #expect(ContinuousClock.now - begun < .seconds(300))
        }
    }

    @Test func `is taken up to its bound, and the connection goes on`() async throws {
        try await withService { service in
            let wire = try start(service, 100)
            wire.send(String(repeating: "1", count: 100))
            #expect(await wire.receive(until: "}").contains("{\"bytes\":100}"))
            wire.send("POST /open HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 101\r\n\r\n")
            #expect(await wire.receive(until: "}").hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `is not taken where the service only reads`() async throws {
        try await withService { service in
            let answer = try await start(service, 10, path: "/closed").receive(until: "\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 405 ") && answer.contains("\r\nAllow: GET, HEAD\r\n"))
        }
    }
}
