import Foundation
import Testing

@testable import Pipeline

/// Pipelines that are declared in Swift.
@Suite struct DeclaringTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func file(_ name: String) throws -> Planner.File {
        Planner.File(name: name, content: Array(try Data(contentsOf: root.appendingPathComponent(name))))
    }

    private static func project() throws -> Project {
        let file = try file("pipelines/project.yml")
        return try Project(parsing: file.content, file: file.name)
    }

    private static func plan(_ stages: Stages) throws -> Plan {
        try Planner.plan(stages, of: project(), named: PipelineName(literal: "release"), source: Samples.source)
    }

    /// What docs/swift.md shows: this repository's own pipeline.
    private static let release = Stages {
        let api = Stage.build("api")
        let web = Stage.build("web")

        let staged = Stage.migrate("staging").needs(api, web)
        let staging = Stage.deploy("staging", images: [api, web], schema: staged)
        let proven = Stage.verify(staging)

        let approval = Stage.approve("production", images: [api, web]).needs(proven)
        let schema = Stage.migrate("production", approval: approval)
        let production = Stage.deploy("production", images: [api, web], schema: schema, approval: approval)
        Stage.verify(production)
    }

    @Test func `the release pipeline has one plan hash, in YAML and in Swift`() throws {
        let file = try Planner.plan(
            project: Self.file("pipelines/project.yml"), pipeline: Self.file("pipelines/release.yml"),
            named: PipelineName(literal: "release"), source: Samples.source)
        #expect(try Self.plan(Self.release) == file)
        #expect(try Self.plan(Self.release).sum == file.sum)
    }

    @Test func `the worked example is the pipeline that this test declares`() throws {
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/swift.md"), encoding: .utf8)
        let test = try String(contentsOfFile: #filePath, encoding: .utf8)
        let example = try #require(test.firstMatch(of: /release = (Stages \{\n(?:.*\n)*?    \})\n/)).1
        let plain = example.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : String($0) }.joined(separator: "\n")
        #expect(page.contains(plain), "docs/swift.md does not show:\n\(plain)")
    }

    @Test func `all that a file can say can be said in Swift`() throws {
        let project = try Self.project()
        let pipeline = Planner.File(
            name: "release.yml",
            content: Array(
                """
                stages:
                  lint: {run: [make, lint], directory: tools, env: {LEVEL: "2"}, idempotent: true, check: [test, -e, done], timeout: 90s}
                  image: {build: api, retries: 2, backoff: 5s, needs: [lint]}
                  other: {build: web}
                  stage: {deploy: staging, inputs: {image.api: image, image.web: other, schema: migrate-staging}}
                  migrate-staging: {migrate: staging}
                """.utf8))
        let read = try Planner.plan(
            project: Self.file("pipelines/project.yml"), pipeline: pipeline, named: PipelineName(literal: "release"),
            source: Samples.source)
        let lint = Stage.run(
            ["make", "lint"], named: "lint", directory: "tools", environment: ["LEVEL": "2"], isIdempotent: true,
            check: ["test", "-e", "done"]
        ).timeout("90s")
        let image = Stage.build("api").named("image").retries(2, backoff: "5s").needs(lint)
        let other = Stage.build("web").named("other")
        let schema = Stage.migrate("staging")
        let stages = Stages {
            lint
            image
            other
            Stage.deploy("staging", images: [image, other], schema: schema).named("stage")
        }
        let declared = try Planner.plan(stages, of: project, named: PipelineName(literal: "release"), source: Samples.source)
        #expect(Set(declared.stages) == Set(read.stages))
    }

    @Test func `loops and conditions are stages too`() throws {
        let wantsProduction = false
        let stages = Stages {
            let images = ["api", "web"].map { Stage.build($0) }
            images
            for number in 1...3 { Stage.run(["true"], named: "scan-\(number)").needs(images[0]) }
            if wantsProduction { Stage.approve("production", images: images) }
        }
        #expect(
            try Self.plan(stages).stages.map(\.name.text) == ["build-api", "build-web", "scan-1", "scan-2", "scan-3"])
    }

    @Test func `mistakes are told at once, each with its place in Swift`() throws {
        let line = #line + 2
        let stages = Stages {
            let api = Stage.build("apo")
            let again = Stage.run(["true"], named: "build-apo")
            let elsewhere = Stage.migrate("staging")
            Stage.deploy("production", images: [api], schema: elsewhere).timeout("soon")
            again
        }
        let error = try #require(throws: DefinitionError.self) { try Self.plan(stages) }
        let told = error.diagnostics.map { "\($0.location.line - line) \($0.code.rawValue)" }
        #expect(
            told == ["0 unknown-name", "1 duplicate", "3 bad-value", "3 unknown-key", "3 wrong-artifact"])
        #expect(error.diagnostics.allSatisfy { $0.location.file == "PipelineTests/DeclaringTests.swift" })
    }

    @Test func `a chain may be long`() throws {
        var last = Stage.run(["true"], named: "stage-0")
        for number in 1..<3000 { last = Stage.run(["true"], named: "stage-\(number)").needs(last) }
        let end = last
        #expect(try Self.plan(Stages { end }).stages.count == 3000)
    }

    @Test(
        arguments: [
            ("Stage.deploy(\"staging\", images: [api], schema: schema)", nil),
            ("Stage.deploy(\"staging\", images: [schema])", "Declared<Schema>"),
            ("Stage.deploy(\"staging\", images: [api], schema: api)", "Declared<Image>"),
            ("Stage.verify(api)", "Declared<Image>"),
            ("Stage.migrate(\"production\", approval: schema)", "Declared<Schema>"),
            ("api.needs(\"build-web\")", "String"),
        ] as [(String, String?)])
    func `an artifact of a wrong type does not compile`(line: String, offence: String?) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "declaring-\(UInt64.random(in: .min ... .max)).swift")
        defer { try? FileManager.default.removeItem(at: file) }
        try """
        import Pipeline
        let stages = Stages {
            let api = Stage.build("api")
            let schema = Stage.migrate("staging")
            \(line)
        }
        """.write(to: file, atomically: true, encoding: .utf8)
        let compiler = Process()
        let output = Pipe()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = [
            "swiftc", "-typecheck", "-swift-version", "6", "-I", Self.root.appendingPathComponent(".build/debug/Modules").path,
            "-I", Self.root.appendingPathComponent("Sources/CYAML").path,
            file.path,
        ]
        compiler.standardError = output
        compiler.standardOutput = output
        try compiler.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        compiler.waitUntilExit()
        if let offence {
            #expect(compiler.terminationStatus != 0 && text.contains("cannot convert") && text.contains(offence), "\(text)")
        } else {
            #expect(compiler.terminationStatus == 0, "\(text)")
        }
    }
}
