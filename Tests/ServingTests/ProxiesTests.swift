import Services
import Testing

@testable import Serving

struct `The proxies before a service` {
    private static let known = "127.0.0.1, 10.0.0.0/8,fd00::/8"

    @Test(arguments: [
        // Nobody is believed but them.
        ("198.51.100.7", ["203.0.113.9"], ["198.51.100.7"]), ("127.0.0.1", [], ["127.0.0.1"]),
        ("unknown", ["10.0.0.1"], ["unknown"]),
        ("127.0.0.1", ["203.0.113.9"], ["203.0.113.9", "127.0.0.1"]),
        // What a caller wrote before the first proxy wrote theirs is left out.
        ("10.1.2.3", ["192.0.2.1, 203.0.113.9, 10.200.0.1"], ["203.0.113.9", "10.200.0.1", "10.1.2.3"]),
        ("10.1.2.3", ["192.0.2.1", "203.0.113.9"], ["203.0.113.9", "10.1.2.3"]),
        // All of them proxies: the first is who asks.
        ("10.1.2.3", ["10.9.9.9"], ["10.9.9.9", "10.1.2.3"]),
        // Other forms of an address.
        ("fd00::1", ["[2001:DB8:0::7]:4711"], ["2001:db8::7", "fd00::1"]),
        ("::ffff:10.0.0.1", ["203.0.113.9:80"], ["203.0.113.9", "::ffff:10.0.0.1"]),
        // What is no address says nothing about who asks, and nor does what stands before it.
        ("10.1.2.3", ["203.0.113.9, unknown"], ["10.1.2.3"]), ("10.1.2.3", [", ,"], ["10.1.2.3"]),
        ("10.1.2.3", ["203.0.113.9, 999.0.0.1"], ["10.1.2.3"]),
    ])
    func `are believed about whom they ask for, and nobody else is`(peer: String, forwarded: [String], callers: [String]) throws {
        let proxies = try Proxies(Self.known, of: "X")
        #expect(proxies.callers(at: peer, forwarded: forwarded) == callers)
        #expect(Proxies().callers(at: peer, forwarded: forwarded) == [peer])
    }

    @Test(arguments: [
        ("10.0.0.0/33", 1, "10.0.0.0/33"), ("10.0.0.1,proxy", 10, "proxy"), ("10.0.0.1,  10.0.0", 12, "10.0.0"),
        ("10.0.0.1,", 10, ""),
        ("fd00::/129", 1, "fd00::/129"), ("10.0.0.0/+8", 1, "10.0.0.0/+8"), ("10.0.0.0/", 1, "10.0.0.0/"),
        ("[fd00::1]", 1, "[fd00::1]"),
    ])
    func `are addresses and networks, and what is none is told with its place`(text: String, place: Int, word: String) {
        let error = #expect(throws: SettingsError.self) { try Proxies(text, of: "API_PROXIES") }
        #expect(
            error?.description.hasPrefix("API_PROXIES, character \(place): '\(word)' is no address") == true, "\(error as Any)")
    }
}
