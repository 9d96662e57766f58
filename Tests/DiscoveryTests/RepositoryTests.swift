import FixtureFiles
import Pipeline
import Testing

@testable import Discovery

/// Repositories in the shape that such projects have, each with what init must write and say; `SHIPIT_RECORD=1` writes that anew.
@Suite struct RepositoryTests {
    /// What is in `Fixtures/repositories/NAME/files`, with `origin` beside it as the remote's address.
    private static func proposal(of name: String) throws -> Proposal {
        let path = "repositories/\(name)"
        let origin = (try? Fixtures.bytes("\(path)/origin")).map { String(decoding: $0, as: UTF8.self).trimmed }
        let facts = RepositoryFacts(folder: name, origin: origin, branch: "main", branchReason: "there is such a branch")
        return try Proposal(for: FileTree(try Fixtures.files(in: "\(path)/files")), facts)
    }

    @Test(arguments: try Fixtures.folders(in: "repositories"))
    func `is understood as a person would, and everything is said`(name: String) throws {
        let proposal = try Self.proposal(of: name)
        for file in proposal.files {
            try Fixtures.expect(file.content, matches: "repositories/\(name)/expected/\(Path.name(of: file.path))")
        }
        let guesses = proposal.guesses.map { "\($0.subject): \($0.value) (\($0.reason))\n" }
        let said = guesses.joined() + proposal.notes.map { "! \($0)\n" }.joined()
        try Fixtures.expect(said, matches: "repositories/\(name)/expected/said.txt")
    }

    @Test(arguments: try Fixtures.folders(in: "repositories"))
    func `gets files that check and plan`(name: String) throws {
        try expectPlan(of: try Self.proposal(of: name))
    }

    @Test(arguments: try Fixtures.folders(in: "repositories"))
    func `gets the same again when they are there`(name: String) throws {
        let files = try Fixtures.files(in: "repositories/\(name)/files")
        let facts = RepositoryFacts(folder: name, origin: nil, branch: "main", branchReason: "")
        let proposal = try Proposal(for: FileTree(files), facts)
        let written = Dictionary(uniqueKeysWithValues: proposal.files.map { ($0.path, $0.content) })
        #expect(try Proposal(for: FileTree(files.merging(written) { $1 }), facts) == proposal)
    }
}

/// Expects that what is proposed has no mistake and can be planned.
func expectPlan(
    of proposal: Proposal, _ comment: @autoclosure () -> Comment = "", sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws {
    func file(_ path: String) -> Planner.File {
        let content = proposal.files.first { $0.path == path }?.content ?? ""
        return Planner.File(name: path, content: Array(content.utf8))
    }
    let (project, pipeline) = (file(Proposal.projectFile), file(Proposal.pipelineFile))
    let name = try #require(PipelineName("release"))
    let mistakes = Planner.check(project: project, pipelines: [(name, pipeline)])
    #expect(mistakes.isEmpty, comment(), sourceLocation: sourceLocation)
    let source = Source(commit: String(repeating: "a", count: 40))
    let plan = try Planner.plan(project: project, pipeline: pipeline, named: name, source: source)
    #expect(plan.stages.count >= 6, comment(), sourceLocation: sourceLocation)
    if let compose = proposal.files.first(where: { $0.path.hasPrefix("deploy/") }) {
        let file = try #require(ComposeFile(compose.content, path: compose.path), comment(), sourceLocation: sourceLocation)
        #expect(
            file.services.allSatisfy { $0.image?.contains("${SHIPIT_IMAGE_") ?? false }, comment(), sourceLocation: sourceLocation
        )
        // Everything that it takes is handed to it, and no image is built for nothing.
        let images = plan.project.services.keys.map { ComposePlan.image(of: $0.text) }
        let wanted = Set(file.wantedVariables).subtracting(images)
        for (name, environment) in plan.project.environments {
            #expect(Set(environment.values.keys) == wanted, "\(comment()) \(name)", sourceLocation: sourceLocation)
        }
        for image in images { #expect(compose.content.contains("${\(image):"), comment(), sourceLocation: sourceLocation) }
    }
}
