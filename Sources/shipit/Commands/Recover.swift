import ArgumentParser
import Conductor
import Pipeline
import Records

/// Finds out what became of a run.
struct Recover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Find out what became of every stage of a run that nobody saw end. Begins nothing.",
        discussion: """
            What 'shipit resume' does first, and only that: for a person who wants to know before anything goes on. A stage whose \
            process still lives is left to it. Exit code 9 when it cannot be found out.

            EXAMPLES
              shipit recover 1k2m3n4p5q
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var showing: ShowingOptions
    @Argument(help: "The run: its id or the beginning of it.", completion: .runs(.open))
    var run: String

    func run() async throws {
        let session = try await Wiring.drivingSession(common, showing)
        try await Driving.drive(try await session.open(run), in: session, on: DriveTerms(jobs: 64, scope: .doubts))
    }
}
