import Processes

/// The repository's own compose file, run by docker compose as a developer would: with all variables, and `.env` beside it.
struct LocalCompose: Sendable {
    let root: String
    let world: World
    let children: Children

    /// How long compose may take for an answer.
    private static let answer = Duration.seconds(60)
    /// How long a build, or pulling what is not built here, may take.
    private static let work = Duration.seconds(3600)

    /// The names that compose looks for, the one that counts first.
    static let files = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
    /// What lies beside it and is taken along.
    static let companions = [
        "compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml", ".env",
    ]

    /// Refuses where no engine answers, before anything else would fail for that.
    func requireEngine() async throws(Refusal) {
        let asked = try await ask(["version", "--format", "{{.Server.Version}}"], within: .seconds(10))
        guard !asked.outcome.succeeded else { return }
        throw Refusal(
            .failed, "No Docker engine answers.",
            remedy: "Start it, or set DOCKER_HOST; 'shipit doctor' tells which one is asked.")
    }

    /// What the compose file says, with all variables put in.
    func services() async throws(Refusal) -> LocalServices {
        let asked = try await ask(["compose", "config", "--format", "json"], within: Self.answer)
        if asked.outcome.succeeded, !asked.standardOutputTruncated, let services = LocalServices(asked.standardOutput) {
            return services
        }
        guard try hasFile else {
            throw Refusal(
                .badInput, "There is no compose file in \(root).",
                remedy: "Write compose.yaml with a service for each Dockerfile: https://docs.docker.com/compose/gettingstarted")
        }
        throw Refusal(.badInput, "The compose file cannot be used: \(Self.lastWords(of: asked)).")
    }

    private var hasFile: Bool {
        get throws(Refusal) {
            for file in Self.files where try Workspace.read(file, in: root) != nil { return true }
            return false
        }
    }

    /// Builds one service's image; whether that worked.
    func build(_ service: String, _ heard: @escaping @Sendable (String) -> Void) async throws(Refusal) -> Bool {
        try await follow(["compose", "build", service], within: Self.work) { line in
            // Compose says the same as we do, and twice.
            if !line.isEmpty, line.wholeMatch(of: /\ ?Image .* Buil(?:ding|t) */) == nil { heard(line) }
        }.succeeded
    }

    /// Starts services, and makes anew those whose image or configuration is another.
    ///
    /// - Parameter alone: leave the services as they are that these need.
    /// - Returns: why not, in compose's last words; nil when they were started.
    func start(_ services: [String], alone: Bool) async throws(Refusal) -> String? {
        let asked = try await ask(
            ["compose", "up", "--detach", "--no-build"] + (alone ? ["--no-deps"] : []) + services, within: Self.work)
        return asked.outcome.succeeded ? nil : Self.lastWords(of: asked)
    }

    /// The containers of the project, those that ended among them.
    func containers() async throws(Refusal) -> [LocalContainer] {
        let asked = try await ask(["compose", "ps", "--all", "--format", "json"], within: Self.answer)
        return asked.outcome.succeeded ? LocalContainer.all(in: asked.standardOutput) : []
    }

    /// Hands over what the containers print, also of those that are started later, until none is left.
    ///
    /// - Parameter start: since when, in milliseconds since 1970.
    func follow(since start: Int64, _ heard: @escaping @Sendable (String) -> Void) async throws(Refusal) {
        let moment = "\(start / 1000).\(String(start % 1000 + 1000).dropFirst())"
        // Its end is the containers', or the task's.
        _ = try await follow(["compose", "logs", "--follow", "--no-color", "--since", moment], within: nil, heard)
    }

    /// Stops and removes containers and networks; volumes stay, and with them what databases hold.
    ///
    /// - Parameter services: which; all when empty.
    func down(_ services: [String]) async throws(Refusal) {
        let asked = try await ask(["compose", "down"] + services, within: .seconds(120))
        guard !asked.outcome.succeeded else { return }
        throw Refusal(
            .failed, "What was started could not be ended: \(Self.lastWords(of: asked)).",
            remedy: "Look at 'docker compose ps'; then: docker compose down")
    }

    // MARK: Running docker

    private func command(_ arguments: [String], _ deadline: Duration?) -> Command {
        var variables = world.variables
        variables["DOCKER_BUILDKIT"] = "1"
        variables["DOCKER_CLI_HINTS"] = "false"
        variables["BUILDKIT_PROGRESS"] = "plain"
        variables["COMPOSE_PROGRESS"] = "plain"
        return Command("docker", arguments, environment: variables, workingDirectory: root, deadline: deadline)
    }

    private func ask(_ arguments: [String], within deadline: Duration) async throws(Refusal) -> Captured {
        let child = children.place()
        defer { child.leave() }
        do throws(ProcessError) {
            return try await capture(command(arguments, deadline), limit: 16 << 20) { child.take($0) }
        } catch {
            throw Refusal(.failed, error.description, remedy: "What this machine needs: shipit doctor")
        }
    }

    private func follow(
        _ arguments: [String], within deadline: Duration?, _ heard: @escaping @Sendable (String) -> Void
    ) async throws(Refusal) -> Processes.Outcome {
        let child = children.place()
        defer { child.leave() }
        let lines = HeardLines(heard)
        do throws(ProcessError) {
            let outcome = try await Processes.run(command(arguments, deadline)) {
                child.take($0)
            } output: { stream, piece in
                await lines.take(stream, piece)
            }
            await lines.finish()
            return outcome
        } catch {
            throw Refusal(.failed, error.description, remedy: "What this machine needs: shipit doctor")
        }
    }

    private static func lastWords(of asked: Captured) -> String {
        let lines = asked.errorText.split(whereSeparator: \.isNewline).map(String.init)
        return asked.outcome.ended == .deadline ? "it took too long" : lines.suffix(3).joined(separator: "; ")
    }
}

/// Both streams of a program, line by line; an actor, because they arrive at the same time.
private actor HeardLines {
    private let heard: @Sendable (String) -> Void
    private var cutters: [OutputStream: LineCutter] = [:]

    init(_ heard: @escaping @Sendable (String) -> Void) {
        self.heard = heard
    }

    func take(_ stream: OutputStream, _ piece: [UInt8]) {
        for line in cutters[stream, default: LineCutter()].push(piece) { heard(line) }
    }

    func finish() {
        for (_, var cutter) in cutters { cutter.finish().map(heard) }
    }
}
