import Foundation
import Processes
import Shops
import Synchronization

/// The engine's own word on which containers it started, `docker events`, told apart by the labels the containers carry.
final class ContainerWitness: Sendable {
    /// One start of one container.
    struct Start {
        /// The service and the release in it.
        var service: String
        var release: String
    }

    private let text = Mutex("")
    private let project: String

    private init(project: String) { self.project = project }

    /// Watches the containers of a compose project while `body` runs.
    static func with(project: String, _ body: (ContainerWitness) async throws -> Void) async throws {
        let witness = ContainerWitness(project: project)
        let since = Int(Date().timeIntervalSince1970)
        let watching = Task {
            // From a moment that has passed, so that nothing is missed while it starts.
            let command = Command(
                "docker",
                [
                    "events", "--since", "\(since)", "--filter", "type=container", "--filter", "event=start", "--filter",
                    "label=com.docker.compose.project=\(project)", "--format",
                    #"{{index .Actor.Attributes "com.docker.compose.service"}} {{index .Actor.Attributes "sh.shipit.run"}}"#,
                ], environment: Command.inheritedEnvironment, grace: .seconds(2))
            _ = try await Processes.run(command) { stream, piece in
                guard stream == .standardOutput else { return }
                witness.text.withLock { $0 += String(decoding: piece, as: UTF8.self) }
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(witness)) } catch { result = .failure(error) }
        watching.cancel()
        _ = await watching.result
        try result.get()
    }

    /// All starts so far, in their order.
    var starts: [Start] {
        text.withLock { $0 }.split(separator: "\n").map { line in
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
