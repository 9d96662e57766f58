import Shops

/// The engine's own word on which containers of a compose project it started and which ended, told apart by the labels they carry.
struct ContainerWitness {
    /// A container began to run, or ended.
    struct Change {
        var isStart: Bool
        /// The service and the release in it.
        var service: String
        var release: String
    }

    private let events: EngineEvents
    private let project: String

    /// Watches the containers while `body` runs.
    static func with(project: String, _ body: (ContainerWitness) async throws -> Void) async throws {
        try await EngineEvents.with(
            ["type=container", "event=start", "event=die", "label=com.docker.compose.project=\(project)"],
            format:
                #"{{.Action}} {{index .Actor.Attributes "com.docker.compose.service"}} {{index .Actor.Attributes "sh.shipit.run"}}"#
        ) { try await body(ContainerWitness(events: $0, project: project)) }
    }

    /// All changes so far, in their order.
    var changes: [Change] {
        events.lines.map { line in
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init) + ["", "", ""]
            return Change(isStart: words[0] == "start", service: words[1], release: words[2])
        }
    }

    /// All starts so far, in their order.
    var starts: [Change] { changes.filter(\.isStart) }

    /// What is left of the candidates, which prove a release and go again.
    func candidates() async throws -> [String] {
        try await World.run(
            "docker",
            ["ps", "--all", "--format", "{{.Names}}", "--filter", "label=com.docker.compose.project=\(project)-candidate"]
        ).split(separator: "\n").map(String.init)
    }
}
