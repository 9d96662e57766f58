import FixtureFiles
import Testing

@testable import Pipeline

/// Every folder of `Fixtures/bad-pipelines` is a project with a mistake; `expected.txt` holds what `check` must say.
///
/// Two lines per mistake: `FILE:LINE:COLUMN code message`, and below it, indented, what would mend it.
@Suite struct BadPipelineTests {
    @Test(arguments: try Fixtures.folders(in: "bad-pipelines"))
    func `says where and what every mistake is, and what would mend it`(folder: String) throws {
        let path = "bad-pipelines/\(folder)"
        let diagnostics = Planner.check(
            project: .init(name: "project.yml", content: try Fixtures.bytes("\(path)/project.yml")),
            pipelines: [
                (PipelineName(literal: "release"), .init(name: "release.yml", content: try Fixtures.bytes("\(path)/release.yml")))
            ])
        #expect(!diagnostics.isEmpty)
        let lines = diagnostics.flatMap { diagnostic in
            ["\(diagnostic.location) \(diagnostic.code.rawValue) \(diagnostic.message)"]
                + (diagnostic.remedy.map { ["    \($0)"] } ?? [])
        }
        try Fixtures.expect(lines.map { $0 + "\n" }.joined(), matches: "\(path)/expected.txt")
    }

    @Test(arguments: try Fixtures.folders(in: "bad-pipelines"))
    func `plans nothing of it either, and shows no secret`(folder: String) throws {
        let path = "bad-pipelines/\(folder)"
        let project = Planner.File(name: "project.yml", content: try Fixtures.bytes("\(path)/project.yml"))
        let pipeline = Planner.File(name: "release.yml", content: try Fixtures.bytes("\(path)/release.yml"))
        let source = Source(commit: String(repeating: "a", count: 40))
        // What no pipeline uses is a matter of all pipelines together: one of them can be planned all the same.
        if folder.hasPrefix("unused-") {
            _ = try Planner.plan(project: project, pipeline: pipeline, named: PipelineName(literal: "release"), source: source)
            return
        }
        let error = #expect(throws: DefinitionError.self) {
            try Planner.plan(project: project, pipeline: pipeline, named: PipelineName(literal: "release"), source: source)
        }
        #expect(error?.diagnostics.isEmpty == false)
        #expect(!String(describing: error).contains("hunter2"))
    }

    @Test func `refuses a file larger than any honest one before it is parsed`() {
        let content = Array(repeating: UInt8(ascii: "["), count: YAMLDocument.largestFile + 1)
        #expect(read(content) == [.unreadable])
    }

    @Test func `refuses a document of more values than any honest one`() {
        let item = Array("x,".utf8)
        var content = Array("[".utf8)
        for _ in 0...YAMLDocument.mostNodes { content += item }
        #expect(read(content + Array("x]".utf8)) == [.unreadable])
    }

    @Test func `reads what lies just within the limits`() {
        let nested = String(repeating: "[", count: YAMLDocument.deepest) + String(repeating: "]", count: YAMLDocument.deepest)
        #expect(read(Array(nested.utf8)) == [])
        #expect(read(Array("[\(nested)]".utf8)) == [.unreadable])
    }

    @Test func `reports a hundred doubled stages in one go`() {
        let stage = "  test: {run: [make]}\n"
        let pipeline =
            "stages:\n" + (0..<100).map { "  test\($0): {run: [make]}\n" }.joined()
            + (0..<100).map { "  test\($0): {run: [make]}\n" }.joined()
        #expect(read(Array(pipeline.utf8)).count(where: { $0 == .duplicate }) == 100, "\(stage)")
    }

    @Test(arguments: [
        "stages:\n  a: &a {run: [make], env: {A: b}}\n  b: *a\n",
        "stages:\n  a: {run: [make], needs: &n [x, y]}\n  b:\n    run: [make]\n    needs: *n\n  c:\n    run:\n      - *n # twice\n",
        "stages:\n  a: {run: \"rm *.o && [ $? -eq 0 ]\", shell: true}\n  b: &b\n    run: [make, \"*\"]\n  c: *b\n",
    ])
    func `reads honest aliases`(text: String) {
        #expect(read(Array(text.utf8)) == [])
    }

    private func read(_ content: [UInt8]) -> [Diagnostic.Code] {
        let collector = DiagnosticCollector()
        _ = YAMLDocument(content, file: "release.yml", reporting: collector)
        return collector.diagnostics.map(\.code)
    }
}
