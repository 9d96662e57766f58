import ArgumentParser
import Conductor

/// Tells what a word of shipit's means.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell what an exit code, a state or the code of a failure means, and what to do next.",
        discussion: """
            Without an argument all of them are listed. A word may mean several things: 'failed' is said of runs and of stages.

            EXAMPLES
              shipit explain 4
              shipit explain indeterminate
              shipit explain wrong-cluster
            """)

    @Flag(help: "Print JSON.")
    var json = false
    @Argument(help: "The exit code, state or code.", completion: .words(Explanation.all.map { Completer.Candidate($0) }))
    var word: String?

    func run() async throws {
        if let word {
            let found = try Explanation.of(word)
            Door.shared.answer(found, ExplanationText.found(found, hasColour: Door.shared.hasColour))
        } else {
            Door.shared.answer(Explanation.all, ExplanationText.all(hasColour: Door.shared.hasColour))
        }
    }
}
