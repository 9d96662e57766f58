import ArgumentParser
import Conductor
import Pipeline
import Records

/// Work on single stages, for CI jobs.
struct StageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stage", abstract: "Perform one stage of a run, as a CI job does.", subcommands: [StageRun.self])
}

/// Performs one stage of a run.
struct StageRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Perform one stage of a run, when all it waits for is done.",
        discussion: """
            EXAMPLES
              shipit stage run build-api --run 1k2m3n4p5q
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var patience: PatienceOptions
    @OptionGroup var showing: ShowingOptions
    @Argument(help: "The stage.", completion: .stages)
    var stage: String
    @Option(help: "The run: its id or the beginning of it.", completion: .runs(.open))
    var run: String

    func run() async throws {
        let session = try await Wiring.drivingSession(common, showing)
        let writer = try await session.open(run)
        let name = try writer.record.run.plan.requireStage(stage)
        let open = writer.record.run.plan.stage(name)?.predecessors.filter { !writer.record.run.isDone($0) } ?? []
        guard open.isEmpty else {
            throw Refusal(
                .badInput, "'\(name)' waits for \(open.map(\.text).joined(separator: ", ")).", remedy: "Perform those first.")
        }
        try await Driving.drive(writer, in: session, on: DriveTerms(jobs: 1, scope: .stages([name]), patience: patience.wait))
    }
}
