import Hummingbird
import Services
import Testing

@testable import Serving

struct `The header of a request` {
    @Test func `that comes letter by letter is not waited for, and keeps nobody else waiting`() async throws {
        try await RunningService.with { onListening in
            let router = makeRouter(contentPolicy: "default-src 'none'")
            router.get("/") { _, _ in JSON.response(["answer": 42]) }
            var settings = ServerSettings(host: "127.0.0.1", port: 0)
            settings.idle = .seconds(1)
            return makeServer(router, settings: settings, logger: RunningService.silent, onListening: onListening)
        } _: { service in
            let begun = ContinuousClock.now
            let wires = try (0..<200).map { _ in try Wire(to: service.port) }
            for wire in wires { wire.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ") }
            let dripping = Task {
                while !Task.isCancelled {
                    for wire in wires { wire.send("a") }
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            let other = try Wire(to: service.port)
            other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await other.receive(until: "}").hasPrefix("HTTP/1.1 200 "))
            for wire in wires { #expect(await !wire.receive().contains("HTTP/1.1 200 ")) }
            // A test's connection gives up by itself after two minutes.
            #expect(ContinuousClock.now - begun < .seconds(100))
            dripping.cancel()
        }
    }
}
