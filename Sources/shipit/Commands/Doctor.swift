import ArgumentParser
import Conductor

/// Says what this machine still needs.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine still needs to ship the project, and how to get it.",
        discussion: """
            Looks at the programs, the registry, each environment's database and clusters, and the ledger: only at what \
            the project needs, all at once, for at most some seconds. Outside a project it looks at the programs alone. \
            Nothing is changed. Ends with 0 when nothing is missing, else with 1.

            EXAMPLES
              shipit doctor
              shipit doctor --json
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let examination = await Examination.around(common.directory, in: World.real()) { Door.shared.keepOut($0) }
        struct Payload: Encodable {
            var ready: Bool
            var findings: [Finding]
        }
        Door.shared.answer(
            Payload(ready: examination.isReady, findings: examination.findings),
            DoctorText(examination, hasColour: Door.shared.hasColour).text)
        if !examination.isReady { throw Ending(status: .failed) }
    }
}
