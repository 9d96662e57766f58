#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `docker compose config` makes of the repository's compose file, as far as local work asks.
struct LocalServices: Decodable, Sendable {
    /// How a service's image is built; paths are absolute.
    struct Build: Decodable, Sendable {
        var context: String
        var dockerfile: String?
        var additional_contexts: [String: String]?
    }

    private struct Service: Decodable, Sendable {
        var build: Build?
        var depends_on: [String: Dependency]?
    }

    private struct Dependency: Decodable, Sendable {}

    private var services: [String: Service]

    /// The services, sorted.
    var names: [String] { services.keys.sorted() }

    /// What each of some services is built from; nothing of one whose image is only pulled.
    func builds(of names: [String]) -> [String: Build] {
        services.filter { names.contains($0.key) }.compactMapValues(\.build)
    }

    /// Some services and those that they need, sorted.
    func needed(by names: [String]) -> [String] {
        var found: Set<String> = []
        var open = names
        while let name = open.popLast() {
            if found.insert(name).inserted, let needs = services[name]?.depends_on { open += needs.keys }
        }
        return found.sorted()
    }

    /// Nil for what compose would not print.
    init?(_ printed: [UInt8]) {
        guard let read = try? JSONDecoder().decode(LocalServices.self, from: Data(printed)) else { return nil }
        self = read
    }
}

/// A container as `docker compose ps` tells of it.
struct LocalContainer: Decodable, Sendable {
    private struct Publisher: Decodable, Sendable {
        private enum CodingKeys: String, CodingKey {
            case host = "URL"
            case port = "PublishedPort"
            case transport = "Protocol"
        }

        var host: String
        var port: Int
        var transport: String
    }

    private enum CodingKeys: String, CodingKey {
        case service = "Service"
        case state = "State"
        case health = "Health"
        case code = "ExitCode"
        case publishers = "Publishers"
    }

    let service: String
    private let state: String
    private let health: String
    private let code: Int
    private let publishers: [Publisher]?

    /// What is printed: one object a line.
    static func all(in printed: [UInt8]) -> [LocalContainer] {
        printed.split(separator: UInt8(ascii: "\n")).compactMap { line in
            try? JSONDecoder().decode(LocalContainer.self, from: Data(line))
        }
    }

    /// How it stands.
    var condition: LocalStanding.Condition {
        switch (state, health) {
        case ("running", ""): .running
        case ("running", "healthy"): .healthy
        case ("running", "unhealthy"): .unhealthy
        case ("exited", _): code == 0 ? .done : .failed
        case ("dead", _): .failed
        default: .starting
        }
    }

    /// Where it can be reached from this machine: `HOST:PORT`, without repetition.
    var addresses: [String] {
        var found: [String] = []
        for publisher in publishers ?? [] where publisher.port > 0 {
            // All addresses of this machine, of which one is as good as the other.
            let host = ["0.0.0.0", "::", ""].contains(publisher.host) ? "localhost" : publisher.host
            let place = host.contains(":") ? "[\(host)]:\(publisher.port)" : "\(host):\(publisher.port)"
            let address = publisher.transport == "udp" ? "\(place)/udp" : place
            if !found.contains(address) { found.append(address) }
        }
        return found
    }
}

/// How a service stands on this machine.
public struct LocalStanding: Sendable, Encodable {
    /// What its containers are.
    public enum Condition: String, Sendable, Encodable {
        /// It has a health check, which passes.
        case healthy
        /// It runs and has no health check.
        case running
        /// It ended with code 0, as one that only prepares something does.
        case done
        /// It has not come so far yet.
        case starting
        /// Its health check does not pass.
        case unhealthy
        /// It ended with another code.
        case failed

        /// Whether it will not change by waiting.
        var isSettled: Bool { self != .starting }
        /// Whether it is as it should be.
        public var isGood: Bool { [.healthy, .running, .done].contains(self) }
    }

    /// The service.
    public var service: String
    /// The worst of its containers.
    public var condition: Condition
    /// Where it answers: `HOST:PORT`.
    public var addresses: [String]
}
