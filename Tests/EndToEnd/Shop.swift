import Foundation
import Processes
import Synchronization
import Testing

/// A small project of two services in a repository of its own, with compose projects, ports and databases of its own.
final class Shop: Sendable {
    let name: String
    let folder: String
    let stagingPort: Int
    let productionPort: Int
    let staging: String
    let production: String
    private let variables: [String: String]

    /// Ports below the kernel's own range (32768), a hundred for each test process and two for each shop.
    private static let nextPort = Atomic<Int>(20_000 + Int(getpid()) % 100 * 100)

    /// Makes a shop, hands it to `body`, and takes everything down again.
    static func with(_ body: (Shop) async throws -> Void) async throws {
        let shop = try await Shop()
        let result: Result<Void, any Error>
        do {
            try await body(shop)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await shop.takeDown()
        try result.get()
    }

    private init() async throws {
        name = "shop" + String(UInt32.random(in: .min ... .max), radix: 36)
        folder = NSTemporaryDirectory() + "shipit-e2e-" + name
        stagingPort = Self.nextPort.add(2, ordering: .relaxed).oldValue
        productionPort = stagingPort + 1
        staging = try await World.database("\(name)_staging")
        production = try await World.database("\(name)_production")
        var variables = Command.inheritedEnvironment
        for name in ["CI", "SHIPIT_STATE", "GITHUB_ACTOR"] { variables[name] = nil }
        variables["REGISTRY_USERNAME"] = try World.variable("SHIPIT_E2E_REGISTRY_USER")
        variables["REGISTRY_PASSWORD"] = try World.variable("SHIPIT_E2E_REGISTRY_PASSWORD")
        variables["STAGING_DATABASE_URL"] = staging
        variables["PRODUCTION_DATABASE_URL"] = production
        variables["SHIPIT_ACTOR"] = "tester"
        self.variables = variables
        try await World.run("cp", ["-r", "\(World.repository)/Tests/Fixtures/shop", folder])
        let registry = try World.variable("SHIPIT_E2E_REGISTRY")
        try edit("pipelines/project.yml") {
            $0.replacing("REGISTRY/shop", with: "\(registry)/\(name)").replacing("PROJECT", with: name)
                .replacing("STAGING_PORT", with: "\(stagingPort)").replacing("PRODUCTION_PORT", with: "\(productionPort)")
        }
        try await World.run("git", ["init", "--quiet", "--initial-branch=main"], in: folder)
        try await commit("one")
    }

    /// Changes a file of the work tree.
    func edit(_ file: String, _ change: (String) -> String) throws {
        let path = "\(folder)/\(file)"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        try change(text).write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Commits the work tree and answers the SHA.
    @discardableResult
    func commit(_ subject: String) async throws -> String {
        try await World.run("git", ["add", "--all"], in: folder)
        try await World.run(
            "git", ["-c", "user.name=Tester", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", subject],
            in: folder)
        return try await World.run("git", ["rev-parse", "HEAD"], in: folder).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A shipit command in the shop's repository.
    func command(_ arguments: [String], adding additions: [String: String] = [:]) -> Command {
        Command(
            World.shipit, arguments, environment: variables.merging(additions) { _, new in new }, workingDirectory: folder,
            deadline: .seconds(240), grace: .seconds(30))
    }

    /// Runs shipit and answers what it printed and how it ended.
    func shipit(_ arguments: String..., adding additions: [String: String] = [:]) async throws -> Answer {
        let captured = try await capture(command(arguments, adding: additions), limit: 16 << 20)
        guard case .exited(let code) = captured.outcome.termination else {
            throw World.BadEnd(text: "shipit \(arguments) ended with \(captured.outcome.termination)")
        }
        return Answer(code: code, text: captured.text, errors: captured.errorText)
    }

    struct Answer: Sendable {
        var code: Int32
        var text: String
        var errors: String
        var all: String { text + errors }
    }

    /// The id of the run that waits for approval.
    func waitingRun() async throws -> String {
        struct Waiting: Decodable { var run: String }
        let answer = try await shipit("approvals", "--json")
        let waiting = try JSONDecoder().decode([Waiting].self, from: Data(answer.text.utf8))
        return try #require(waiting.first).run
    }

    /// What the shop's page says; nil when it does not answer.
    func page(_ port: Int) async -> String? {
        try? await World.run("curl", ["--silent", "--fail", "--max-time", "2", "http://127.0.0.1:\(port)/"])
    }

    /// The answer of a query on a database of the shop.
    func query(_ database: String, _ statement: String) async throws -> String {
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
