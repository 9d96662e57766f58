import ArgumentParser
import Conductor
import Pipeline
import Records

/// Goes on with a run.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that was interrupted, or that has been approved.",
        discussion: """
            Looks first at what became of every stage in doubt; nothing is done twice.

            EXAMPLES
              shipit resume 1k2m3n4p5q
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var driving: DriveOptions
    @Argument(help: "The run: its id or the beginning of it.", completion: .runs(.open))
    var run: String

    func run() async throws {
        let session = try await Wiring.drivingSession(common, driving.showing)
        try await Driving.drive(try await session.open(run), in: session, on: driving.terms())
    }
}
