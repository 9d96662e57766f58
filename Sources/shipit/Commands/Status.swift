import ArgumentParser
import Conductor
import Pipeline
import Records

/// Shows where everything stands.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what every environment runs, what waits for a person, and the latest runs.",
        discussion: """
            EXAMPLES
              shipit status
              shipit status production --json
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "One environment only.", completion: .environments)
    var environment: String?

    func run() async throws {
        let session = try await Wiring.session(common)
        let names =
            if let environment {
                [try await session.declaredEnvironment(environment)]
            } else {
                try await session.declaredEnvironments()
            }
        let status = try await session.status(of: names)
        await session.close()
        Door.shared.answer(status, StatusText(status, hasColour: Door.shared.hasColour).text)
    }
}
