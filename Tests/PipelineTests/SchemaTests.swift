import CanonicalJSON
import FixtureFiles
import Randomness
import Testing

@testable import Pipeline

/// What editors are told of the definition's files is what their readers take.
@Suite struct SchemaTests {
    @Test(arguments: DefinitionSchema.allCases)
    func `the schema in docs is the one that is printed`(schema: DefinitionSchema) throws {
        try Fixtures.expect(schema.text, matches: "../../docs/schema/\(schema.rawValue).json")
    }

    @Test func `the project's reader reads every key that is declared`() throws {
        let collector = DiagnosticCollector()
        let project = try #require(Self.project(reporting: collector))
        #expect(collector.diagnostics == [])
        #expect(project.environments.count == 2 && project.environments.values.allSatisfy { $0.database != nil })
        #expect(project.notifications?.map(\.channel.word) == ["webhook", "slack", "teams", "command"] && project.page != nil)
    }

    @Test func `the pipeline's reader reads every key that is declared`() throws {
        let collector = DiagnosticCollector()
        let project = try #require(Self.project(reporting: collector))
        let text = try #require(Self.samples(of: DefinitionSchema.pipeline.form).first)
        let pipeline = try #require(
            PipelineDefinition.read(
                Array(text.utf8), file: "release.yml", name: PipelineName(literal: "release"), project: project,
                reporting: collector))
        #expect(collector.diagnostics == [], "\(text)")
        #expect(pipeline.unreadable == [])
        #expect(Set(pipeline.stages.map(\.kind.keyword)) == Set(StageKinds.all.map { $0.keyword }))
    }

    @Test func `a key without a declaration is told as unknown, with the nearest one`() throws {
        let collector = DiagnosticCollector()
        _ = Project.read(Array("{name: shop, regstry: ghcr.io/a/b}".utf8), file: "project.yml", reporting: collector)
        #expect(collector.diagnostics.contains { $0.code == .unknownKey && $0.remedy == "did you mean 'registry'?" })
    }

    /// A form of texts beside its reader, and what random texts for it are made of.
    struct Pair: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var form: TextForm
        var pieces: [String]
        /// Whether the form also refuses all that the reader refuses.
        var isExact = true
        var takes: @Sendable (String) -> Bool

        static let all: [Pair] = [
            Pair(testDescription: "name", form: .name, pieces: ["a", "z0", "-", "_", ".", "A", " ", "é", "abcdefghijklmnopqrst"])
            {
                Name<Stage>($0) != nil
            },
            Pair(testDescription: "path", form: .path, pieces: ["a", "..", ".", "/", "b.c", " "]) { text in
                FieldReader.relativePath(Self.located(text), reporting: DiagnosticCollector()) != nil
            },
            Pair(
                testDescription: "duration", form: .span, pieces: ["0", "1", "90", "ms", "s", "m", "h", "d", " ", "-"],
                isExact: false
            ) { TimeSpan($0) != nil },
            Pair(
                testDescription: "value", form: .value,
                pieces: ["$", "{", "}", "env:", "file:", "command:", " ", "A", "b_1", "-", "\n", "${env:A}"]
            ) { (try? ConfigValue($0)) != nil },
            Pair(
                testDescription: "secret", form: .secret,
                pieces: ["$", "$$", "{", "}", "env:", "A", " ", "${env:A}", "${file:b}"]
            ) { (try? ConfigValue($0))?.references.isEmpty == false },
            Pair(
                testDescription: "registry", form: .registry,
                pieces: ["ghcr.io", "localhost", ":5000", "/", "acme", "A", "https:", ".", "-"]
            ) { text in
                Self.takes(text, "{name: a, services: {}, environments: {}, registry: ", Project.read)
            },
            Pair(
                testDescription: "helm release", form: .label(atMost: 53),
                pieces: ["a", "0", "-", "abcdefghijklmnopqrstuvwxyz", "A", "."]
            ) { text in
                Self.takes(
                    text,
                    "{name: a, registry: a.b/c, services: {}, environments: {e: {target: {helm: {chart: c, namespace: n, "
                        + "clusters: [{context: c, server: \"https://c\"}], release: ", Project.read)
            },
            Pair(
                testDescription: "secret address", form: .reference,
                pieces: ["$", "$$", "https://h", "${env:A}", "${file:b}", "{"]
            ) { text in
                Self.takes(
                    text, "{name: a, registry: a.b/c, services: {}, environments: {}, notifications: [{slack: ", Project.read)
            },
            Pair(
                testDescription: "webhook", form: .webValue,
                pieces: ["https://", "http://", "ftp://", "h/p", "u@", "${env:A}", "$"],
                isExact: false
            ) { text in
                Self.takes(
                    text,
                    "{name: a, registry: a.b/c, services: {}, environments: {}, "
                        + "notifications: [{key: \"${env:KEY}\", webhook: ", Project.read)
            },
            Pair(
                testDescription: "mail address", form: .mailbox,
                pieces: ["a", "z@b", ".c", "-", "+", "@", "<", "é"]
            ) { text in
                Self.takes(
                    text,
                    "{name: a, registry: a.b/c, services: {}, environments: {}, "
                        + "notifications: [{command: [m], to: [a@b], from: ", Project.read)
            },
            Pair(
                testDescription: "page", form: .pageAddress,
                pieces: [
                    "https://", "http://", "localhost", "127.0.0.1", "[::1]", ":80", "h.example", "/", "/p", "?", "#", "@", " ",
                ],
                isExact: false
            ) { text in
                Self.takes(text, "{name: a, registry: a.b/c, services: {}, environments: {}, page: ", Project.read)
            },
            Pair(
                testDescription: "database", form: .database,
                pieces: ["postgres://", "postgresql://", "mysql://", "${env:A}", "$", "$$", "h/d", "u@h"],
                isExact: false
            ) { text in
                Self.takes(
                    text,
                    "{name: a, registry: a.b/c, services: {}, environments: {e: {target: {compose: {file: c, project: p}}, "
                        + "database: {url: ", Project.read)
            },
        ]

        private static func located(_ text: String) -> Located<String> {
            Located(text, at: SourceLocation(file: "", line: 1, column: 1))
        }

        /// Whether a reader has nothing to say against `text` at the end of an open YAML text.
        private static func takes(
            _ text: String, _ start: String, _ read: (_: [UInt8], _: String, _: DiagnosticCollector) -> Project?
        ) -> Bool {
            let quoted = String(decoding: Canonical.bytes(of: text), as: UTF8.self)
            let open = start.reversed().reduce(into: (ends: "", closed: 0)) { state, character in
                switch character {
                case "}", "]": state.closed += 1
                case "{", "[": if state.closed > 0 { state.closed -= 1 } else { state.ends += character == "{" ? "}" : "]" }
                default: break
                }
            }
            let collector = DiagnosticCollector()
            _ = read(Array((start + quoted + open.ends).utf8), "project.yml", collector)
            return collector.isEmpty
        }
    }

    @Test(arguments: Pair.all)
    func `a text that a reader takes has the form that editors are told`(pair: Pair) throws {
        let patterns = try pair.form.patterns.map { try Regex($0) }
        var (taken, trial) = (0, 0)
        // Some forms are met by few texts of these pieces.
        while trial < 500 || taken <= 5 && trial < 10_000 {
            defer { trial += 1 }
            var chance = Chance(trial: trial)
            let text = (0..<Int.random(in: 0...6, using: &chance)).map { _ in pair.pieces.randomElement(using: &chance) ?? "" }
                .joined()
            let isFitting = patterns.allSatisfy { text.contains($0) }
            let isTaken = pair.takes(text)
            taken += isTaken ? 1 : 0
            #expect(isFitting || !isTaken, "'\(text)' is refused by \(pair.form.patterns); \(Chance.note(trial))")
            if pair.isExact {
                #expect(isTaken || !isFitting, "'\(text)' is taken by \(pair.form.patterns); \(Chance.note(trial))")
            }
        }
        #expect(taken > 5)
    }

    private static func project(reporting collector: DiagnosticCollector) -> Project? {
        samples(of: DefinitionSchema.project.form).first
            .flatMap { Project.read(Array($0.utf8), file: "project.yml", reporting: collector) }
    }

    /// The names of the entries of a sample, where the examples of other keys mention them.
    private static let names = ["services": ["api"], "environments": ["staging", "production"]]

    /// YAML values of a form, which have every declared key between them.
    private static func samples(of form: Form, under key: KeyForm? = nil) -> [String] {
        switch form {
        case .text: [String(decoding: Canonical.bytes(of: key?.example ?? ""), as: UTF8.self)]
        case .integer, .flag, .choice: [key?.example ?? ""]
        case .list(let element, _):
            if case .mapping = element { ["[\(samples(of: element).joined(separator: ", "))]"] } else { [key?.example ?? ""] }
        case .entries(let value, _, _):
            if case .mapping = value {
                [
                    "{"
                        + samples(of: value).enumerated().map { number, sample in
                            let names = names[key?.name ?? ""] ?? []
                            return "\(names.indices.contains(number) ? names[number] : "entry\(number)"): \(sample)"
                        }.joined(separator: ", ") + "}"
                ]
            } else {
                [key?.example ?? ""]
            }
        case .mapping(let variants): variants.flatMap { samples(of: $0) }
        }
    }

    private static func samples(of keys: [KeyForm]) -> [String] {
        let values = keys.map { samples(of: $0.form, under: $0) }
        return (0..<(values.map(\.count).max() ?? 0)).map { number in
            "{" + zip(keys, values).map { "\($0.name): \($1[number % $1.count])" }.joined(separator: ", ") + "}"
        }
    }
}
