import ArgumentParser
import Conductor

/// Works on the services on this machine.
struct Dev: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run the repository's compose file, show its logs, and rebuild each service when its sources change.",
        discussion: """
            Builds and starts what compose.yaml at the root says, tells where each service answers, and prints what they print. \
            When files change that a service is built from, and that neither git nor .dockerignore leaves out, that service is built \
            again and replaced; what cannot be built leaves what runs as it is. Ctrl-C ends it all: containers and networks are \
            removed, volumes stay. No ledger is touched and nothing is pushed.

            EXAMPLES
              shipit dev
              shipit dev api
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "These services, and those that they need. Default: all.", completion: .services)
    var services: [String] = []

    func run() async throws {
        let text = DevelopmentText(hasColour: Door.shared.hasColour)
        let development = Development(workspace: try Wiring.workspace(common), world: World.real()) { event in
            Door.shared.answer(DevelopmentPayload(event), text.text(for: event))
        }
        Door.shared.keepOut(development.vault)
        try await development.run(services, interrupts: Wiring.interrupts(ending: development.children))
    }
}
