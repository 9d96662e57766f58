import ArgumentParser
import Conductor
import Pipeline
import Records

/// Lists what waits for a person.
struct Approvals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals",
        abstract: "List the changes that wait for approval, each exactly as it would be deployed.",
        discussion: """
            EXAMPLES
              shipit approvals
              shipit approvals --json
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let session = try await Wiring.session(common)
        let waiting = try await session.approvals()
        await session.close()
        let paint = Paint(isOn: Door.shared.hasColour)
        Door.shared.answer(
            waiting,
            waiting.isEmpty
                ? "Nothing waits for approval."
                : waiting.map { "\(ChangeText($0, paint: paint).text)\n  → shipit approve \($0.run) --continue" }.joined(
                    separator: "\n\n"))
    }
}
