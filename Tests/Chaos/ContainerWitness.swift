import Shops

/// The engine's own word on which containers of a compose project it started, told apart by the labels the containers carry.
struct ContainerWitness {
    /// One start of one container.
    struct Start {
        /// The service and the release in it.
        var service: String
        var release: String
    }

    private let events: EngineEvents
    private let project: String

    /// Watches the containers while `body` runs.
    static func with(project: String, _ body: (ContainerWitness) async throws -> Void) async throws {
        try await EngineEvents.with(
            ["type=container", "event=start", "label=com.docker.compose.project=\(project)"],
            format: #"{{index .Actor.Attributes "com.docker.compose.service"}} {{index .Actor.Attributes "sh.shipit.run"}}"#
        ) { try await body(ContainerWitness(events: $0, project: project)) }
    }

    /// All starts so far, in their order.
    var starts: [Start] {
        events.lines.map { line in
            let words = line.split(separator: " ").map(String.init)
            return Start(service: words.first ?? "", release: words.count > 1 ? words[1] : "")
        }
    }

    /// What is left of the candidates, which prove a release and go again.
    func candidates() async throws -> [String] {
        try await World.run(
            "docker",
            ["ps", "--all", "--format", "{{.Names}}", "--filter", "label=com.docker.compose.project=\(project)-candidate"]
        ).split(separator: "\n").map(String.init)
    }
}
