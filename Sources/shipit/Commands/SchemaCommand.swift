public import ArgumentParser
import CanonicalJSON
public import Pipeline

/// Prints the form of the definition's files.
struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of project.yml or of a pipeline, so that an editor completes and checks them.",
        discussion: """
            Draft 2020-12. It knows what can be told of one file alone; the rest is told by 'shipit check'. An editor with the YAML \
            language server (VS Code, Neovim, Helix, Emacs) is told where it is by the first line of the file:

              # yaml-language-server: $schema=project.schema.json

            Without an argument both are printed, as the members 'project' and 'pipeline' of one object.

            EXAMPLES
              shipit schema project > pipelines/project.schema.json
              shipit schema pipeline > pipelines/pipeline.schema.json
            """)

    @Flag(help: "Print it in one line.")
    var json = false
    @Argument(help: "Which file's: project or pipeline.")
    var file: DefinitionSchema?

    func run() async throws {
        if let file {
            Door.shared.answer(file, file.text)
        } else {
            let both = Dictionary(uniqueKeysWithValues: DefinitionSchema.allCases.map { ($0.rawValue, $0) })
            Door.shared.answer(both, String(decoding: Canonical.bytes(of: both), as: UTF8.self))
        }
    }
}

extension DefinitionSchema: ExpressibleByArgument {}
