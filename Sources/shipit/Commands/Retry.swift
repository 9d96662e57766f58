import ArgumentParser
import Conductor
import Pipeline
import Records

/// Makes failed stages again.
struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Make failed stages of a run again, and go on with what they had blocked. What is done is not repeated.",
        discussion: """
            Without a stage, all that failed. A stage of which nobody knows what became of it has to be named, with --reason: what you \
            saw when you looked.

            EXAMPLES
              shipit retry 1k2m3n4p5q
              shipit retry 1k2m3n4p5q verify-staging --only
              shipit retry 1k2m3n4p5q send-report --reason "the mailbox is empty: it was not sent"
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var driving: DriveOptions
    @Argument(help: "The run: its id or the beginning of it.", completion: .runs(.failed))
    var run: String
    @Argument(help: "The stages.", completion: .stages)
    var stages: [String] = []
    @Option(help: "Why, for the record.")
    var reason: String?
    @Flag(help: "Make these stages only, and leave what they had blocked to 'shipit resume'.")
    var only = false

    func validate() throws {
        if only, stages.isEmpty { throw ValidationError("--only wants the stages to be named.") }
    }

    func run() async throws {
        let session = try await Wiring.drivingSession(common, driving.showing)
        let writer = try await session.retry(run, stages: stages, reason: reason)
        let scope = only ? DriveScope.stages(Set(try stages.map { try writer.record.run.plan.requireStage($0) })) : .whole
        try await Driving.drive(writer, in: session, on: driving.terms(scope))
    }
}
