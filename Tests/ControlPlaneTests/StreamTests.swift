import Foundation
import HTTP
import Journal
import Pipeline
import Records
import Services
import Testing

@testable import ControlPlane
@testable import Serving

struct `A run's stream of events` {
    private static func waiting(_ sample: SampleLedger) async throws {
        try await sample.record("1a", commit: "one", at: 1_000_000, .waiting)
    }

    private static let open = AccessSettings(readingIsOpen: true)

    private static func follow(_ api: FullAPI, after: Int64? = nil, run: String = "1a") throws -> Wire {
        try follow(api.service.port, after: after, run: run)
    }

    private static func follow(_ port: Int, after: Int64? = nil, run: String = "1a") throws -> Wire {
        let wire = try Wire(to: port)
        wire.send(request(after: after, run: run))
        return wire
    }

    /// What who follows is answered once it is not `status` any more.
    private static func answer(of api: FullAPI, after status: Int) async throws -> String {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let answer = await (try follow(api)).receive(until: "\r\n\r\n")
            guard answer.hasPrefix("HTTP/1.1 \(status) "), ContinuousClock.now < end else { return answer }
        }
    }

    private static func request(after: Int64? = nil, run: String = "1a") -> String {
        let resuming = after.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        return "GET /api/runs/\(run)/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(resuming)\r\n"
    }

    /// The positions in what came, in order.
    private static func positions(_ text: String) -> [Int64] {
        text.matches(of: /id: ([0-9]+)\ndata: \{/).compactMap { Int64($0.1) }
    }

    private static func cancel(_ api: FullAPI) async throws {
        try await append(api, .cancelRequested(reason: "enough"))
    }

    private static func append(_ api: FullAPI, _ event: RunEvent) async throws {
        var writer = RunWriter(try await api.ledger.run("1a"), in: api.ledger)
        try writer.add(Stamped(event, at: 9_000_000, by: "test"))
        try await writer.save()
    }

    @Test func `has all events, then those to come, and ends with the run`() async throws {
        try await withFullAPI(access: Self.open, filled: Self.waiting) { api in
            let count = try await api.ledger.run("1a").position
            let wire = try Self.follow(api)
            let before = await wire.receive(until: "id: \(count)\n")
            #expect(before.contains("text/event-stream") && before.contains("X-Accel-Buffering: no"))
            try await Self.cancel(api)
            // Until the service closes the connection.
            let after = await wire.receive()
            #expect(Self.positions(before + after) == Array(1...count + 1))
            #expect(after.contains("event: end\ndata: {\"status\":\"cancelled\"}\n\n"))
        }
    }

    @Test(arguments: [1000, 3])
    func `goes on where a lost connection ended, without a gap`(kept: Int) async throws {
        try await withFullAPI(access: Self.open, followers: .init(kept: kept), filled: Self.waiting) { api in
            var last: Int64 = 0
            do {
                let wire = try Self.follow(api)
                last = Self.positions(await wire.receive(until: "id: 5\n")).last ?? 0
            }
            // The connection is gone; this is written meanwhile.
            try await Self.append(api, .goalExtended(to: []))
            let wire = try Self.follow(api, after: last)
            let before = await wire.receive(until: "goalExtended")
            try await Self.cancel(api)
            let count = try await api.ledger.run("1a").position
            #expect(Self.positions(before + (await wire.receive())) == Array(last + 1...count))
        }
    }

    @Test func `is over for who has everything of a run that ended`() async throws {
        try await withFullAPI(access: Self.open, filled: Self.waiting) { api in
            try await Self.cancel(api)
            let count = try await api.ledger.run("1a").position
            #expect(await (try Self.follow(api, after: count)).receive().hasPrefix("HTTP/1.1 204 "))
            let rest = await (try Self.follow(api, after: count - 1)).receive()
            #expect(Self.positions(rest) == [count] && rest.contains("event: end"))
        }
    }

    @Test func `tells that it lives when nothing happens`() async throws {
        try await withFullAPI(access: Self.open, followers: .init(heartbeat: .milliseconds(50)), filled: Self.waiting) { api in
            let wire = try Self.follow(api)
            let beats = await wire.receive(until: ": beat\n\n")
            #expect(beats.contains(": beat\n\n"))
        }
    }

    @Test func `gives one caller a tenth of the places, and the others to others`() async throws {
        let limits = Followers.Limits(seats: 20, heartbeat: .milliseconds(50))
        try await withFullAPI(access: Self.open, followers: limits, filled: Self.waiting) { api in
            var wires = try (0..<2).map { _ in try Self.follow(api) }
            for wire in wires { #expect(await wire.receive(until: "id: 1\n").hasPrefix("HTTP/1.1 200 ")) }
            let third = await (try Self.follow(api)).receive(until: "\r\n\r\n")
            #expect(third.hasPrefix("HTTP/1.1 429 ") && third.contains("\r\nRetry-After: 5\r\n"))
            #expect(third.contains("\r\nContent-Type: application/problem+json\r\n"))
            let other = try Wire(to: api.service.port)
            other.send(
                "GET /api/runs/1a/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(try await api.token(.developer))\r\n\r\n")
            #expect(await other.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
            // A place that is left is there for the same caller.
            wires.removeLast()
            #expect(try await Self.answer(of: api, after: 429).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `takes all tokens of one name for one caller, and each address of who has none`() async throws {
        let access = AccessSettings(readingIsOpen: true, proxies: try Proxies("127.0.0.1", of: "API_PROXIES"))
        try await withFullAPI(access: access, followers: .init(seats: 20), filled: Self.waiting) { api in
            func begin(_ header: String) async throws -> (wire: Wire, answer: String) {
                let wire = try Wire(to: api.service.port)
                wire.send("GET /api/runs/1a/stream HTTP/1.1\r\nHost: x\r\n\(header)\r\n\r\n")
                return (wire, await wire.receive(until: "\r\n\r\n"))
            }
            func bearer() async throws -> String { "Authorization: Bearer \(try await api.token(.ci, name: "robot"))" }
            let address = "X-Forwarded-For: 192.0.2.1"
            var held: [Wire] = []
            for header in [try await bearer(), try await bearer(), address, address] {
                let (wire, answer) = try await begin(header)
                #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
                held.append(wire)
            }
            #expect(try await begin(try await bearer()).answer.hasPrefix("HTTP/1.1 429 "))
            #expect(try await begin(address).answer.hasPrefix("HTTP/1.1 429 "))
            #expect(try await begin("X-Forwarded-For: 192.0.2.2").answer.hasPrefix("HTTP/1.1 200 "))
            withExtendedLifetime(held) {}
        }
    }

    @Test func `has room for 200 followers, who all get an event, and tells the next one to come later`() async throws {
        let limits = Followers.Limits(seats: 200, share: 200, heartbeat: .milliseconds(200))
        try await withFullAPI(access: Self.open, followers: limits, filled: Self.waiting) { api in
            let count = try await api.ledger.run("1a").position
            var wires = try (0..<200).map { _ in try Self.follow(api) }
            var texts: [String] = []
            for wire in wires { texts.append(await wire.receive(until: "id: \(count)\n")) }
            #expect(texts.allSatisfy { Self.positions($0).last == count })
            let full = await (try Self.follow(api)).receive(until: "\r\n\r\n")
            #expect(full.hasPrefix("HTTP/1.1 503 ") && full.contains("\r\nRetry-After: 5\r\n"))
            let begun = ContinuousClock.now
            try await Self.append(api, .goalExtended(to: []))
            for wire in wires { #expect(await wire.receive(until: "goalExtended").contains("id: \(count + 1)\n")) }
            #expect(ContinuousClock.now - begun < .seconds(5))
            // Whoever goes leaves a place, as soon as the next beat is not taken.
            wires.removeAll()
            #expect(try await Self.answer(of: api, after: 503).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `is read once for all who follow it`() async throws {
        try await withFullAPI(access: Self.open, filled: Self.waiting) { api in
            let counting = CountingStore(api.ledger.store)
            try await withAPI(access: Self.open) { () async throws(StoreError) in
                counting
            } _: { service in
                let count = try await api.ledger.run("1a").position
                let wires = try (0..<50).map { _ in try Self.follow(service.port) }
                for wire in wires { _ = await wire.receive(until: "id: \(count)\n") }
                let cost = try await counting.cost {
                    for _ in 0..<5 { try await Self.append(api, .goalExtended(to: [])) }
                    for wire in wires { _ = await wire.receive(until: "id: \(count + 5)\n") }
                }
                #expect(cost == 5)
            }
        }
    }

    @Test func `is not kept for who takes nothing of it`() async throws {
        func crowd(_ sample: SampleLedger) async throws {
            try await Self.waiting(sample)
            var writer = RunWriter(try await sample.ledger.run("1a"), in: sample.ledger)
            for _ in 0..<5_000 { try writer.add(Stamped(.goalExtended(to: []), at: 9_000_000, by: "test")) }
            try await writer.save()
        }
        try await withFullAPI(access: Self.open, patience: .milliseconds(300), filled: crowd) { api in
            let end = try await api.ledger.run("1a").position
            let idle = try Wire(to: api.service.port, holding: 4096)
            idle.send(Self.request())
            let busy = try Self.follow(api, after: end - 1)
            _ = await busy.receive(until: "id: \(end)\n")
            let deadline = ContinuousClock.now + .seconds(30)
            var followers = ""
            repeat {
                followers = String(decoding: try await api.send("GET", "/metrics").body, as: UTF8.self)
            } while !followers.contains("\nshipit_followers 1\n") && ContinuousClock.now < deadline
            #expect(followers.contains("\nshipit_followers 1\n"))
            // What had been sent before is all there is; whoever reads goes on.
            #expect(await !idle.receive().contains("id: \(end)\n"))
            try await Self.append(api, .goalExtended(to: []))
            #expect(await busy.receive(until: "id: \(end + 1)\n").contains("id: \(end + 1)\n"))
        }
    }

    @Test func `ends at once when the service is told to stop`() async throws {
        try await withFullAPI(access: Self.open, filled: Self.waiting) { api in
            let wire = try Self.follow(api)
            _ = await wire.receive(until: "id: 1\n")
            let begun = ContinuousClock.now
            await api.service.stop()
            let rest = await wire.receive()
            #expect(!rest.contains("event: end") && ContinuousClock.now - begun < .seconds(5))
        }
    }

    @Test(arguments: ["-1", "x", "1.5", "99999999999999999999"])
    func `is not begun at`(position: String) async throws {
        try await withFullAPI(access: Self.open, filled: Self.waiting) { api in
            let answer = try await api.send("GET", "/api/runs/1a/stream", headers: ["Last-Event-ID": position])
            #expect(answer.status == 400)
        }
    }

    @Test func `is not there for a run that is not`() async throws {
        try await withFullAPI(access: Self.open) { api in
            let none = await (try Self.follow(api, run: "none")).receive()
            #expect(none.hasPrefix("HTTP/1.1 404 "))
        }
    }
}
