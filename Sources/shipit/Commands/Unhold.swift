import ArgumentParser
import Conductor
import Pipeline
import Records

/// Allows deploys again.
struct Unhold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unhold",
        abstract: "Allow deploys to an environment again.",
        discussion: """
            EXAMPLES
              shipit unhold production --reason "fixed in 4be1f7a"
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The environment.", completion: .environments)
    var environment: String
    @Option(help: "Why.")
    var reason: String

    func run() async throws {
        let session = try await Wiring.session(common)
        let name = try await session.declaredEnvironment(environment)
        try await session.unhold(name, reason: reason)
        let view = try await session.view(of: name)
        await session.close()
        Door.shared.answer(view, "Deploys to \(name) are allowed again.")
    }
}
