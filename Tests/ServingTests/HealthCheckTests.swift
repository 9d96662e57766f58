import Hummingbird
import Services
import Testing

@testable import Serving

struct `The health check` {
    private let settings = ServerSettings(host: "127.0.0.1", port: 0)

    @Test func `passes while the service answers 200`() async throws {
        let router = makeRouter(contentPolicy: "default-src 'none'")
        router.get("health") { _, _ in JSON.response(["status": "alive"]) }
        try await RunningService.with { [settings] in
            makeServer(router, settings: settings, logger: RunningService.silent, onListening: $0)
        } _: { service in
            #expect(HealthCheck.passes(port: service.port, within: .seconds(10)))
        }
        try await RunningService.with { [settings] in
            makeServer(
                makeRouter(contentPolicy: ""), settings: settings, logger: RunningService.silent, onListening: $0)
        } _: { service in
            #expect(!HealthCheck.passes(port: service.port, within: .seconds(10)), "404 is not healthy")
        }
    }

    @Test func `fails in time when nothing is answered`() throws {
        let peer = try QuietPeer()
        let clock = ContinuousClock()
        let elapsed = clock.measure { #expect(!HealthCheck.passes(port: peer.port, within: .milliseconds(100))) }
        #expect(elapsed >= .milliseconds(90) && elapsed < .seconds(300))
    }

    @Test func `fails where nothing listens, and on what is no port`() throws {
        let port = try QuietPeer().port
        #expect(!HealthCheck.passes(port: port, within: .seconds(1)))
        #expect(!HealthCheck.passes(port: 70_000, within: .seconds(1)))
    }
}
