import Conductor
import Pipeline

/// The definition's files as they are in the work tree, for `check`.
struct DefinitionFiles {
    let project: Planner.File
    let pipelines: [(name: PipelineName, file: Planner.File)]

    /// Reads the files that are named, or those under `pipelines/`.
    init(directory: String, project: String?, pipelines: [String]) throws(Refusal) {
        let root = Workspace.root(around: directory) ?? directory
        let projectPath = project ?? Workspace.projectFile
        let base = project == nil && directory == "." ? root : directory
        self.project = try Self.read(projectPath, in: base)
        let paths = pipelines.isEmpty ? Workspace.pipelineFiles(beside: projectPath, in: base) : pipelines
        guard !paths.isEmpty else {
            throw Refusal(
                .badInput, "There is no pipeline beside \(projectPath).",
                remedy: "Write pipelines/release.yml; docs/concepts.md shows how.")
        }
        var found: [(name: PipelineName, file: Planner.File)] = []
        for path in paths {
            let file = path.split(separator: "/").last.map(String.init) ?? path
            let stem =
                file.hasSuffix(".yml") ? String(file.dropLast(4)) : file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file
            guard let name = PipelineName(stem) else { throw Refusal(.badInput, "'\(stem)' cannot be the name of a pipeline.") }
            found.append((name, try Self.read(path, in: base)))
        }
        self.pipelines = found
    }

    private static func read(_ path: String, in base: String) throws(Refusal) -> Planner.File {
        guard let content = try Workspace.read(path, in: base) else {
            throw Refusal(
                .badInput, "There is no \(path).", remedy: "Is this a repository with pipelines? See docs/concepts.md.")
        }
        return Planner.File(name: path, content: content)
    }
}
