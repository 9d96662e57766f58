import ArgumentParser
import Conductor
import Pipeline

/// Checks definitions without starting anything.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check project and pipelines: every mistake at once, each with file, line and column.",
        discussion: """
            Reads the files as they are in the work tree. Nothing is started and nothing is asked of the world.

            EXAMPLES
              shipit check
              shipit check --project other/project.yml other/release.yml
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "The project file.", completion: .yaml)
    var project: String?
    @Argument(help: "Pipeline files. Default: every pipeline beside the project.", completion: .yaml)
    var pipelines: [String] = []

    func run() async throws {
        let files = try DefinitionFiles(directory: common.directory, project: project, pipelines: pipelines)
        if let root = Workspace.root(around: common.directory) { Door.shared.place(root: root) }
        let diagnostics = Planner.check(project: files.project, pipelines: files.pipelines)
        guard diagnostics.isEmpty else {
            throw Refusal(
                .badInput, "\(diagnostics.count) mistake\(diagnostics.count == 1 ? "" : "s") in the definition.",
                diagnostics: diagnostics)
        }
        struct Payload: Encodable {
            var files: [String]
            var diagnostics: [Diagnostic]
        }
        let names = [files.project.name] + files.pipelines.map(\.file.name)
        Door.shared.answer(Payload(files: names, diagnostics: []), "\(names.joined(separator: ", ")): no mistakes")
    }
}
