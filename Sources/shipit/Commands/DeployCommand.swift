import ArgumentParser
import Conductor
import Pipeline
import Records

/// Ships a commit to an environment.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Run the project's pipeline through an environment's verification.",
        discussion: """
            Joins the unfinished run of the same commit, if there is one. Stops with code 3 where a person must approve.

            EXAMPLES
              shipit deploy staging
              shipit deploy production --commit 4be1f7a
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var sources: SourceOptions
    @OptionGroup var driving: DriveOptions
    @Argument(help: "The environment.", completion: .environments)
    var environment: String

    func run() async throws {
        let session = try await Wiring.drivingSession(common, driving.showing)
        let plan = try await session.plan(nil, source: try await session.source(sources.commit, allowDirty: sources.allowDirty))
        let name = try session.environment(environment, in: plan.project)
        guard let destination = plan.destination(of: name) else {
            throw Refusal(
                .badInput, "Pipeline \(plan.pipeline) does not deploy to \(name).",
                remedy: "Add 'deploy-\(name): {deploy: \(name)}' to it.")
        }
        try await session.refuseHeld(name)
        let writer = try await session.start(plan, goal: [destination], reason: "deploy \(name)")
        try await Driving.drive(writer, in: session, on: driving.terms())
    }
}
