import ArgumentParser
import Conductor
import Pipeline
import Records

/// Runs a pipeline.
struct RunPipeline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a pipeline, whole or up to a stage.",
        discussion: """
            EXAMPLES
              shipit run release --to verify-staging
              shipit run nightly --jobs 8
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var sources: SourceOptions
    @OptionGroup var driving: DriveOptions
    @Argument(help: "The pipeline: the name of its file under pipelines/ without '.yml'.", completion: .pipelines)
    var pipeline: String
    @Option(help: "Go no further than this stage.", completion: .stages)
    var to: String?

    func run() async throws {
        let session = try await Wiring.drivingSession(common, driving.showing)
        let plan = try await session.plan(
            pipeline, source: try await session.source(sources.commit, allowDirty: sources.allowDirty))
        let goal = try to.map { text throws(Refusal) in [try plan.requireStage(text)] } ?? []
        let writer = try await session.start(plan, goal: goal, reason: "run \(pipeline)" + (to.map { " to \($0)" } ?? ""))
        try await Driving.drive(writer, in: session, on: driving.terms())
    }
}
