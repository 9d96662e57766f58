import Foundation
import Processes
import Shops

/// Machines as far as programs can tell: networks of their own (`ip netns`) with a cable to this one, and names of their own.
struct Machines {
    struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    /// What they are called, which is also their host name.
    let names: [String]

    /// Makes `count` machines, hands them to `body`, and takes them away again.
    static func with(_ count: Int, _ body: (Machines) async throws -> Void) async throws {
        // Interfaces have names of at most 15 bytes.
        let start = "m" + String(UInt16.random(in: .min ... .max), radix: 36)
        let machines = Machines(names: (1...count).map { "\(start)x\($0)" })
        let result: Result<Void, any Error>
        do {
            for (index, name) in machines.names.enumerated() {
                let net = "172.30.\(Int.random(in: 0...255)).\(4 * index)"
                try await connect(name, here: net.next(1), there: net.next(2))
            }
            result = .success(try await body(machines))
        } catch {
            result = .failure(error)
        }
        // The cable goes with the network it ends in.
        for name in machines.names { _ = try? await World.run("ip", ["netns", "delete", name]) }
        try result.get()
    }

    private static func connect(_ name: String, here: String, there: String) async throws {
        do {
            try await World.run("ip", ["netns", "add", name])
            try await World.run("ip", ["link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name])
            try await World.run("ip", ["address", "add", "\(here)/30", "dev", name])
            try await World.run("ip", ["link", "set", name, "up"])
            for arguments in [
                ["address", "add", "\(there)/30", "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"],
                ["route", "add", "default", "via", here],
            ] {
                try await World.run("ip", ["-netns", name] + arguments)
            }
        } catch {
            throw Refused(
                description:
                    "This test needs the right to make networks (ip netns, as root with CAP_NET_ADMIN and CAP_SYS_ADMIN): \(error)"
            )
        }
    }

    /// Runs a program to its end, which must be a good one, on a machine.
    func run(_ program: String, _ arguments: [String], on machine: String) async throws -> String {
        let words = ["sh", "-c", "hostname \"$0\" && exec \"$@\"", machine, program] + arguments
        return try await World.run("ip", ["netns", "exec", machine, "unshare", "--uts"] + words)
    }

    /// The URL of a database of the tests' server as the machines reach it: as containers do.
    func reaching(_ url: URLComponents) throws -> String {
        guard let inside = URLComponents(string: try World.variable("SHIPIT_E2E_POSTGRES_INSIDE")), inside.port == url.port else {
            throw Refused(description: "SHIPIT_E2E_POSTGRES_INSIDE names another server than SHIPIT_E2E_POSTGRES.")
        }
        guard let host = inside.host, host != "host.docker.internal" else {
            throw Refused(description: "The engine's bridge is not on this host: no address of it is known that machines reach.")
        }
        var far = url
        far.host = host
        return far.string ?? ""
    }
}

extension String {
    /// The IPv4 address so many further on.
    fileprivate func next(_ step: Int) -> String {
        let parts = split(separator: ".")
        return parts.dropLast().joined(separator: ".") + ".\((Int(parts.last ?? "0") ?? 0) + step)"
    }
}
