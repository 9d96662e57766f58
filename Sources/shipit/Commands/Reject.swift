import ArgumentParser
import Conductor
import Pipeline
import Records

/// Records a person's refusal.
struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Reject the change that waits in a run. The run fails.",
        discussion: """
            EXAMPLES
              shipit reject 1k2m3n4p5q --reason "wait for the audit"
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The run: its id or the beginning of it.", completion: .runs(.waiting))
    var run: String
    @Option(help: "Why.")
    var reason: String

    func run() async throws {
        let session = try await Wiring.session(common)
        let writer = try await session.reject(run, reason: reason)
        await session.close()
        Door.shared.answer(RunView(writer.record), "Rejected: run \(writer.record.run.id) will not change anything further.")
    }
}
