import ArgumentParser
import Conductor
import Pipeline

/// Shows what an environment would receive beside what it runs.
struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what an environment would receive beside what it runs. Changes nothing.",
        discussion: """
            Without --live the ledger tells what runs. With it the target is asked: what was changed there by hand since the
            release, and what a deploy would change, object by object. A line with - is as it is, one with + as a deploy would
            have it; Secrets are masked.

            EXAMPLES
              shipit diff staging
              shipit diff production --live
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var sources: SourceOptions
    @Argument(help: "The environment.", completion: .environments)
    var environment: String
    @Flag(help: "Ask the target too.")
    var live = false

    func run() async throws {
        let session = try await Wiring.session(common)
        let source = try await session.source(sources.commit, allowDirty: sources.commit == nil)
        let plan = try await session.plan(nil, source: source)
        let name = try session.environment(environment, in: plan.project)
        let comparison = try await session.compare(name, with: plan, live: live)
        await session.close()
        Door.shared.answer(DiffPayload(comparison), DiffText(comparison, hasColour: Door.shared.hasColour).text)
    }
}
