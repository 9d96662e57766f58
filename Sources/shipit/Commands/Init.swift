import ArgumentParser
import Conductor
import Discovery

/// Begins a project.
struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Begin in a repository with Dockerfiles: write project and pipeline from what is found there.",
        discussion: """
            Finds services, ports, health paths, migrations and the registry, and says what led to each. Writes \
            pipelines/project.yml, pipelines/release.yml, and a compose file where there is neither one that fits nor a \
            Helm chart. A file that is there already is never written over.

            EXAMPLES
              shipit init
              shipit init --print
            """)

    @OptionGroup var common: CommonOptions
    @Flag(name: .customLong("print"), help: "Print what would be written, and write nothing.")
    var isPrinting = false

    func run() async throws {
        let beginning = try await Beginning(around: common.directory)
        let files = isPrinting ? beginning.files : try beginning.write()
        let text = InitText(beginning.proposal, files, isPrinting: isPrinting, hasColour: Door.shared.hasColour).text
        Door.shared.answer(InitPayload(beginning.proposal, files, isPrinting: isPrinting), text)
        if !isPrinting, files.contains(where: { $0.fate == .inTheWay }) { throw Ending(status: .badInput) }
    }
}
