import ArgumentParser
import Conductor
import Pipeline
import Records

/// Takes an environment back.
struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Take an environment back to its last good release: images, file and values as one. Needs no CI and no build.",
        discussion: """
            Checks before it touches anything that every image is there and that the schema in between allows it (code 7 when \
            not), and sets a hold, which a person lifts with 'shipit unhold'.

            EXAMPLES
              shipit rollback production --plan
              shipit rollback production
              shipit rollback production --to 4be1f7a
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var patience: PatienceOptions
    @OptionGroup var showing: ShowingOptions
    @Argument(help: "The environment.", completion: .environments)
    var environment: String
    @Option(help: "A commit or release id to go back to. Default: last good.", completion: .releases)
    var to: String?
    @Flag(help: "Only show what would be done.")
    var plan = false
    @Option(help: "Why, for the record and the hold.")
    var reason: String?

    func run() async throws {
        let session = try await Wiring.drivingSession(common, showing)
        let project = try await session.project(at: session.workTree)
        let name = try session.environment(environment, in: project)
        let rollback = try await session.rollbackPlan(of: name, in: project, to: to, isRehearsal: plan)
        if plan {
            await session.close()
            Door.shared.answer(RollbackPayload(rollback), RollbackText(rollback, hasColour: Door.shared.hasColour).text)
            if !rollback.obstacles.isEmpty { throw Ending(status: .rollbackBlocked) }
            return
        }
        Door.shared.note(RollbackText(rollback, hasColour: Door.shared.hasColour).text)
        let writer = try await session.startRollback(
            rollback, in: project, to: to, reason: reason, patience: patience.wait)
        try await Driving.drive(writer, in: session, on: DriveTerms(jobs: 1, patience: patience.wait))
    }
}
