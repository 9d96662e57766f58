import ArgumentParser
import Conductor
import Pipeline

/// Work on who is told of what happens.
struct NotificationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notifications", abstract: "Try whether those whom the project names are reached.",
        subcommands: [NotificationsTest.self])
}

/// Sends a trial to each.
struct NotificationsTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Send a message about nothing to each whom 'notifications' names, and say whether it arrived.",
        discussion: """
            Each is sent one message that says that nothing happened, of the project as it is in the work tree. It is tried once. \
            Ends with 0 when all have arrived, else with 1.

            EXAMPLES
              shipit notifications test
              shipit notifications test --on rolled-back
            """)

    @OptionGroup var common: CommonOptions
    @Option(
        help: "Only to those who are told of this: \(Recipient.Occasion.allCases.map(\.rawValue).joined(separator: ", ")).",
        completion: .list(Recipient.Occasion.allCases.map(\.rawValue)),
        transform: {
            guard let occasion = Recipient.Occasion(rawValue: $0) else {
                throw ValidationError("'\($0)' is nothing that is told: see --help.")
            }
            return occasion
        })
    var on: Recipient.Occasion?

    func run() async throws {
        let session = try await Wiring.session(common)
        let trials = try await session.tryNotifications(on)
        await session.close()
        let paint = Paint(isOn: Door.shared.hasColour)
        var table = Table()
        for trial in trials {
            let mark = trial.problem == nil ? paint("✓", .green) : paint("✗", .red)
            table.add(mark, trial.name, trial.problem ?? "was told")
        }
        Door.shared.answer(trials, table.text)
        if trials.contains(where: { $0.problem != nil }) { throw Ending(status: .failed) }
    }
}
