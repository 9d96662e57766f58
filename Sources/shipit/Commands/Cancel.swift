import ArgumentParser
import Conductor
import Pipeline
import Records

/// Ends a run.
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End a run: what has not begun is left, what is under way is ended in order.",
        discussion: """
            EXAMPLES
              shipit cancel 1k2m3n4p5q --reason "wrong commit"
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The run: its id or the beginning of it.", completion: .runs(.open))
    var run: String
    @Option(help: "Why, for the record.")
    var reason = "cancelled by a person"

    func run() async throws {
        let session = try await Wiring.session(common)
        let writer = try await session.cancel(run, reason: reason)
        await session.close()
        let record = writer.record
        Door.shared.answer(RunView(record), Self.text(record.run))
    }

    private static func text(_ run: Run) -> String {
        switch run.status {
        case .running, .interrupted:
            "Run \(run.id) is being cancelled; whoever drives it ends what is under way. If nobody does: shipit resume \(run.id)"
        case .indeterminate:
            "Run \(run.id) does nothing further, but nobody knows what became of what was under way: shipit resume \(run.id) says what."
        default: "Run \(run.id) is cancelled."
        }
    }
}
