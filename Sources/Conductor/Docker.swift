import Pipeline
import Processes
import Registry
import SystemPackage

/// How docker is called: its own variables, a private configuration with the registry's login, never a secret in an argument.
struct Docker: Sendable {
    let work: Work
    /// A folder of our own with `config.json`; nil when docker's own login is used.
    let configuration: String?

    /// Calls `body` with docker signed in at the project's registry.
    ///
    /// With `credentials` in `project.yml` docker gets a configuration folder of its own, readable by us alone and removed
    /// afterwards; without, docker's own login holds.
    static func signedIn<Answer: Sendable>(
        _ work: Work, _ body: (Docker) async throws(StageFailure) -> Answer
    ) async throws(StageFailure) -> Answer {
        guard let login = try await work.login() else { return try await body(Docker(work: work, configuration: nil)) }
        let folder = try ScratchFolder("docker")
        defer { folder.remove() }
        let original = DockerCredentials.folder(in: work.tools.world.variables) ?? "/root/.docker"
        let path = "\(original)/config.json"
        let plugins = "\(original)/cli-plugins"
        // What is there and cannot be used may not be left out: its context names the engine.
        guard let known = try? Self.content(of: path),
            let content = DockerConfiguration.adding(login, for: work.registryHost, to: known, plugins: plugins)
        else {
            throw StageFailure(
                "docker-configuration", "Docker's configuration \(path) cannot be read, or is no JSON.",
                remedy: "Mend it, or name another folder in DOCKER_CONFIG; then 'shipit resume \(work.run)'.")
        }
        do {
            try PrivateFile.write(content, to: "\(folder.path)/config.json")
            try folder.link("\(original)/contexts", as: "contexts")
        } catch {
            throw StageFailure("scratch-failed", "A private docker configuration could not be written: \(error).")
        }
        return try await body(Docker(work: work, configuration: folder.path))
    }

    /// A file's content; empty where there is no such file.
    private static func content(of path: String) throws -> [UInt8] {
        do { return try FileContent.read(path, limit: 4 << 20) } catch Errno.noSuchFileOrDirectory { return [] }
    }

    /// A docker command; `additions` become variables of the child.
    func command(_ arguments: [String], adding additions: [String: String] = [:], in directory: String? = nil) -> Command {
        var variables = additions
        variables["DOCKER_BUILDKIT"] = "1"
        variables["DOCKER_CLI_HINTS"] = "false"
        variables["BUILDKIT_PROGRESS"] = "plain"
        if let configuration { variables["DOCKER_CONFIG"] = configuration }
        return Command(
            "docker", arguments, environment: work.tools.variables(for: work.project, adding: variables),
            workingDirectory: directory)
    }

    /// Runs a docker command, its output going to the stage's log; tells apart what may pass by itself.
    func run(
        _ command: Command, past leftOver: TimeSpan = .seconds(0), code: String, _ message: String, remedy: String? = nil
    ) async throws(StageFailure) {
        let outcome = try await work.run(command, past: leftOver)
        guard !outcome.succeeded else { return }
        let words = await work.log.lastLines
        let said = Self.telling(words).joined(separator: "\n")
        guard await isAnswering else {
            throw StageFailure(
                "docker-unreachable", "No Docker engine answers.",
                remedy: "Start it, or set DOCKER_HOST; then 'shipit resume \(work.run)'.", isPassing: true)
        }
        throw StageFailure(
            code, "\(message) (\(outcome.termination.words)):\n\(said)",
            remedy: remedy ?? "See 'shipit logs \(work.run) \(work.stage)'.")
    }

    /// Whether an engine answers.
    ///
    /// Asked and not read from what a command said, which its parts say in many ways.
    private var isAnswering: Bool {
        get async {
            var question = command(["version", "--format", "{{.Server.Version}}"])
            question.deadline = .seconds(10)
            return (try? await capture(question))?.outcome.succeeded ?? false
        }
    }

    /// The lines that say why, out of the last ones: those that speak of an error, else the last few.
    ///
    /// BuildKit interleaves its steps, so that the very last lines often belong to a step that was merely cut short.
    private static func telling(_ lines: [String]) -> [String] {
        let spoken = lines.filter { $0.lowercased().contains("error") && !$0.hasPrefix("executor failed running") }
        return spoken.isEmpty ? lines.suffix(6) : spoken.suffix(6)
    }
}

extension Work {
    /// The registry's host.
    var registryHost: String { String(project.registry.prefix { $0 != "/" }) }

    /// The login that `project.yml` names; nil when docker's own is to be used.
    func login() async throws(StageFailure) -> Credentials? {
        guard let login = project.credentials else { return nil }
        return Credentials(
            user: try await tools.vault.resolve(login.username, for: "the registry's user name", isSecret: false),
            password: try await tools.vault.resolve(login.password, for: "the registry's password"))
    }
}
