import ArgumentParser
import Conductor
import Pipeline
import Records

/// Leaves a stage out.
struct Skip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip",
        abstract: "Leave a stage of a run out. Who only waits for it goes on; who needs what it makes does not.",
        discussion: """
            Recorded only: go on with 'shipit resume'. An approval cannot be left out.

            EXAMPLES
              shipit skip 1k2m3n4p5q send-report --reason "sent by hand"
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The run: its id or the beginning of it.", completion: .runs(.all))
    var run: String
    @Argument(help: "The stage.", completion: .stages)
    var stage: String
    @Option(help: "Why, for the record.")
    var reason: String

    func run() async throws {
        let session = try await Wiring.session(common)
        let writer = try await session.skip(run, stage: stage, reason: reason)
        await session.close()
        let record = writer.record
        let next =
            record.run.status == .running || record.run.status == .interrupted
            ? " Go on with: shipit resume \(record.run.id)" : ""
        Door.shared.answer(RunView(record), "Stage \(stage) of run \(record.run.id) is left out.\(next)")
    }
}
