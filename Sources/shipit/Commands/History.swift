import ArgumentParser
import Conductor
import Pipeline
import Records

/// Shows what happened.
struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the releases of an environment, or the runs of the project, newest first.",
        discussion: """
            EXAMPLES
              shipit history
              shipit history production --limit 50
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The environment. Default: the project's runs.", completion: .environments)
    var environment: String?
    @Option(help: "How many.")
    var limit = 20

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 1000, not \(limit).") }
    }

    func run() async throws {
        let session = try await Wiring.session(common)
        if let environment {
            let name = try await session.declaredEnvironment(environment)
            let releases = try await session.releases(of: name, limit: limit).map(EnvironmentView.ReleaseView.init)
            Door.shared.answer(releases, HistoryText.releases(releases, of: environment, hasColour: Door.shared.hasColour))
        } else {
            let runs = try await session.runs(limit: limit)
            Door.shared.answer(runs, HistoryText.runs(runs, hasColour: Door.shared.hasColour))
        }
        await session.close()
    }
}
