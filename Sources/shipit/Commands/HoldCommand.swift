import ArgumentParser
import Conductor
import Pipeline
import Records

/// Stops deploys.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Stop deploys to an environment until a person lifts the hold.",
        discussion: """
            EXAMPLES
              shipit hold production --reason "incident 4711"
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The environment.", completion: .environments)
    var environment: String
    @Option(help: "Why.")
    var reason: String

    func run() async throws {
        let session = try await Wiring.session(common)
        let name = try await session.declaredEnvironment(environment)
        try await session.hold(name, reason: reason)
        let view = try await session.view(of: name)
        await session.close()
        Door.shared.answer(view, "Deploys to \(name) are held. Lift it with: shipit unhold \(name) --reason …")
    }
}
