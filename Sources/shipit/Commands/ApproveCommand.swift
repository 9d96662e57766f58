import ArgumentParser
import Conductor
import Pipeline
import Records

/// Records a person's consent.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve the change that waits in a run. Records only, unless --continue.",
        discussion: """
            The approval covers exactly the change that waits: anything that differs later voids it.

            EXAMPLES
              shipit approve 1k2m3n4p5q
              shipit approve 1k2m3n4p5q --change 9f2c41d07e12 --comment "checked with support" --continue
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var driving: DriveOptions
    @Argument(help: "The run: its id or the beginning of it.", completion: .runs(.waiting))
    var run: String
    @Option(help: "The hash of the change you looked at, or its beginning: refused when another waits.")
    var change: String?
    @Option(help: "Why, for the record.")
    var comment: String?
    @Flag(name: .customLong("continue"), help: "Go on with the run at once.")
    var goesOn = false

    func run() async throws {
        let session = try await Wiring.drivingSession(common, driving.showing)
        let writer = try await session.approve(run, sum: change, comment: comment)
        if goesOn { return try await Driving.drive(writer, in: session, on: driving.terms()) }
        await session.close()
        let id = writer.record.run.id
        Door.shared.answer(RunView(writer.record), "Approved. Go on with: shipit resume \(id)")
    }
}
