import HTTP
import Testing

/// Each test has its own server: `/slow` answers only after `/release`.
@Suite(.timeLimit(.minutes(10))) struct ConcurrencyTests {
    let server: Server
    let client = HTTPClient()

    init() throws {
        server = try Server()
    }

    /// Asks, with another client, until that many requests wait in `/slow`.
    func waitUntilWaiting(_ count: Int) async throws {
        let observer = HTTPClient()
        while try await observer.send(HTTPRequest(url: server.url("/waiting"))).body != Array("\(count)".utf8) {
            await Task.yield()
        }
    }

    @Test func `has many requests under way at once`() async throws {
        let slow = (0..<16).map { _ in
            Task { [client, server] in try await client.send(HTTPRequest(url: server.url("/slow"))).status }
        }
        // Reached only if none of the sixteen waits for another.
        try await waitUntilWaiting(16)
        _ = try await client.send(HTTPRequest(url: server.url("/release")))
        for task in slow { #expect(try await task.value == 200) }
    }

    @Test func `ends a transfer when its task is cancelled, and no other`() async throws {
        let cancelled = Task { [client, server] in
            try await client.send(HTTPRequest(url: server.url("/slow"), deadline: .seconds(600)))
        }
        let kept = Task { [client, server] in try await client.send(HTTPRequest(url: server.url("/slow"))).status }
        try await waitUntilWaiting(2)
        let start = ContinuousClock.now
        cancelled.cancel()
        await #expect { try await cancelled.value } throws: { ($0 as? HTTPError)?.code == .cancelled }
        #expect(ContinuousClock.now - start < .seconds(300))
        _ = try await client.send(HTTPRequest(url: server.url("/release")))
        #expect(try await kept.value == 200)
    }

    @Test func `does not send for a task already cancelled`() async throws {
        let task = Task { [client, server] in
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await client.send(HTTPRequest(url: server.url("/slow"), deadline: .seconds(20)))
        }
        await #expect { try await task.value } throws: { ($0 as? HTTPError)?.code == .cancelled }
    }

    @Test func `ends with its thread when nobody holds it`() async throws {
        for _ in 0..<50 {
            let client = HTTPClient()
            #expect(try await client.send(HTTPRequest(url: server.url("/status/200"))).status == 200)
        }
    }
}
