import Foundation
import Processes
import Synchronization

/// A small project of two services in a repository of its own, with compose projects, ports and databases of its own.
public final class Shop: Checkout {
    /// What the shop's images, compose projects and databases are called after.
    public let name: String
    /// See `Checkout`.
    public let folder: String
    /// `HOST:PORT` of its registry.
    public let registry: String
    /// Where staging's page is.
    public let stagingPort: Int
    /// Where production's page is.
    public let productionPort: Int
    /// The URL of staging's database.
    public let staging: String
    /// The URL of production's database.
    public let production: String
    /// See `Checkout`.
    public let variables: [String: String]

    /// Ports below the kernel's own range (32768), a hundred for each test process and two for each shop.
    private static let nextPort = Atomic<Int>(20_000 + Int(getpid()) % 100 * 100)

    /// Makes a shop, hands it to `body`, and takes everything down again.
    ///
    /// - Parameter registry: `HOST:PORT` of its registry; nil is the one that the scripts start.
    public static func with(registry: String? = nil, _ body: (Shop) async throws -> Void) async throws {
        let shop = try await Shop(registry: try registry ?? World.variable("SHIPIT_E2E_REGISTRY"))
        try await World.run({ try await body(shop) }, andAlways: { await shop.takeDown() })
    }

    private init(registry: String) async throws {
        self.registry = registry
        name = "shop" + String(UInt32.random(in: .min ... .max), radix: 36)
        folder = NSTemporaryDirectory() + "shipit-e2e-" + name
        stagingPort = Self.nextPort.add(2, ordering: .relaxed).oldValue
        productionPort = stagingPort + 1
        staging = try await World.database("\(name)_staging")
        production = try await World.database("\(name)_production")
        var variables = Self.plainVariables
        variables["REGISTRY_USERNAME"] = try World.variable("SHIPIT_E2E_REGISTRY_USER")
        variables["REGISTRY_PASSWORD"] = try World.variable("SHIPIT_E2E_REGISTRY_PASSWORD")
        variables["STAGING_DATABASE_URL"] = staging
        variables["PRODUCTION_DATABASE_URL"] = production
        self.variables = variables
        try await World.run("cp", ["-r", "\(World.repository)/Tests/Fixtures/shop", folder])
        try edit("pipelines/project.yml") {
            $0.replacing("REGISTRY/shop", with: "\(registry)/\(name)").replacing("PROJECT", with: name)
                .replacing("STAGING_PORT", with: "\(stagingPort)").replacing("PRODUCTION_PORT", with: "\(productionPort)")
        }
        try await World.run("git", ["init", "--quiet", "--initial-branch=main"], in: folder)
        try await commit("one")
    }

    /// Removes the ledger, so that everything is looked up anew.
    public func forget() throws {
        try FileManager.default.removeItem(atPath: "\(folder)/.shipit")
    }

    /// What the shop's page says; nil when nobody answers there, which is told at once.
    public func page(_ port: Int) async -> String? {
        try? await World.run("curl", ["--silent", "--fail", "--max-time", "30", "http://127.0.0.1:\(port)/"])
    }

    /// The answer of a query on a database of the shop.
    public func query(_ database: String, _ statement: String) async throws -> String {
        try await World.run("psql", [database, "--quiet", "--tuples-only", "--no-align", "--command", statement])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func takeDown() async {
        for project in ["\(name)-staging", "\(name)-production", "\(name)-staging-candidate", "\(name)-production-candidate"] {
            guard
                let ids = try? await World.run(
                    "docker", ["ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=\(project)"])
            else { continue }
            let containers = ids.split(separator: "\n").map(String.init)
            if !containers.isEmpty { _ = try? await World.run("docker", ["rm", "--force", "--volumes"] + containers) }
            _ = try? await World.run("docker", ["network", "rm", "\(project)_default"])
        }
        try? FileManager.default.removeItem(atPath: folder)
    }
}
