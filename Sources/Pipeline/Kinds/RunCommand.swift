/// Runs a command: tests, scans, whatever has no kind of its own.
public struct RunCommand: StageKind {
    /// The program and its arguments; no shell reads them.
    public var command: [String]
    /// Variables added to the environment; values may hold references.
    public var variables: [String: ConfigValue]
    /// The working directory, relative to the repository's root.
    public var directory: String
    /// Whether it may be run again when nobody knows how far it got.
    public var isIdempotent: Bool
    /// A program and its arguments that tell whether the command has done its work: asked when nobody knows how far it got.
    public var check: [String]?

    /// A command.
    public init(
        command: [String], variables: [String: ConfigValue] = [:], directory: String = ".", isIdempotent: Bool = false,
        check: [String]? = nil
    ) {
        self.command = command
        self.variables = variables
        self.directory = directory
        self.isIdempotent = isIdempotent
        self.check = check
    }

    /// A command consumes nothing; `needs:` orders it.
    public struct Inputs: StageInputs {
        /// Nothing to fill.
        public init(filling inputs: InputValues) throws(InputError) {}
    }
    /// A command produces nothing.
    public typealias Output = Nothing

    /// `run: [PROGRAM, ARGUMENT, …]`.
    public static let keyword = "run"
    /// A list of texts, or one text for a shell, and what goes with either.
    public static let forms: [[KeyForm]] = [
        [
            .required(
                keyword, .list(of: .text(.any), isFilled: true), "Runs a program: its name and arguments; no shell reads them",
                example: "[make, test]"),
            .optional("check", .list(of: .text(.any), isFilled: true), checkMeaning, example: "[make, is-published]"),
            .optional("shell", .flag(only: false), shellMeaning, example: "false", standard: "false"),
        ] + furtherKeys,
        [
            .required(keyword, .text(.any), "Runs a text by /bin/sh", example: "make test | tee log"),
            .optional("check", .text(.any), checkMeaning, example: "test -e log"),
            .required("shell", .flag(only: true), shellMeaning, example: "true"),
        ] + furtherKeys,
    ]
    private static let shellMeaning = "Whether the command is one text that /bin/sh reads"
    private static let checkMeaning =
        "A command that tells whether the work is done, where nobody saw how it ended: 0 yes, 1 no, anything else not known"
    private static let furtherKeys: [KeyForm] = [
        .optional(
            "env", .entries(of: .text(.value)), "Variables added to the environment; secrets by reference",
            example: "{LEVEL: high}"),
        .optional(
            "directory", .text(.path), "The working directory, relative to the repository's root", example: "api", standard: "."),
        .optional(
            "idempotent", .flag(), "Whether it may be run again when nobody knows how far it got", example: "true",
            standard: "false"),
    ]
    /// Ten minutes.
    public static let policy = StagePolicy(timeout: .minutes(10))

    /// Reads `run`, `shell`, `env`, `directory`, `idempotent` and `check`.
    public init?(reading stage: inout StageFields) {
        let wantsShell = stage.fields.flag("shell") ?? false
        let node = stage.fields.node(Self.keyword)
        if node == nil { stage.fields.reportMissing(Self.keyword) }
        let command = node.flatMap {
            Self.command($0, of: Self.keyword, wantsShell: wantsShell, reporting: stage.fields.collector)
        }
        let check = stage.fields.node("check").flatMap {
            Self.command($0, of: "check", wantsShell: wantsShell, reporting: stage.fields.collector)
        }
        var variables: [String: ConfigValue] = [:]
        for variable in stage.fields.mapping("env") {
            guard case .scalar(let text) = variable.value.value else {
                stage.fields.collector.report(
                    .badValue, at: variable.value.location,
                    "variable '\(variable.key)' is \(variable.value.sort), a text is wanted")
                continue
            }
            variables[variable.key] = FieldReader.value(
                Located(text, at: variable.value.location), reporting: stage.fields.collector)
        }
        let directory = FieldReader.relativePath(stage.fields.text("directory"), reporting: stage.fields.collector) ?? "."
        let isIdempotent = stage.fields.flag("idempotent") ?? false
        guard let command else { return nil }
        self.init(command: command, variables: variables, directory: directory, isIdempotent: isIdempotent, check: check)
    }

    private static func command(
        _ node: YAMLNode, of key: String, wantsShell: Bool, reporting collector: DiagnosticCollector
    ) -> [String]? {
        switch (node.value, wantsShell) {
        case (.scalar(let text), true):
            return ["/bin/sh", "-c", text]
        case (.scalar(let text), false):
            collector.report(
                .badValue, at: node.location, "the command is one text, which only a shell could take apart",
                offending: node.excerpt,
                remedy: "write a list: [\(text.split(separator: " ").joined(separator: ", "))], or add 'shell: true'")
            return nil
        case (.sequence(let words), false):
            let texts = words.compactMap { word -> String? in if case .scalar(let text) = word.value { text } else { nil } }
            guard texts.count == words.count, texts.first?.isEmpty == false else {
                collector.report(
                    .badValue, at: node.location, "a command is a list of texts, the program first", remedy: "write [make, test]")
                return nil
            }
            return texts
        default:
            collector.report(
                .badValue, at: node.location, wantsShell ? "a shell takes one text" : "a command is a list of texts",
                remedy: wantsShell ? "write \(key): \"make test\", or remove 'shell'" : "write [make, test]")
            return nil
        }
    }

    /// Nothing.
    public func ports(in project: Project) -> [Port] { [] }
    /// Nothing.
    public func product(in project: Project) -> ArtifactType? { nil }
    /// None.
    public var environment: EnvironmentName? { nil }
    /// No.
    public var changesEnvironment: Bool { false }
    /// What it does.
    public var summary: String { "run \(command.joined(separator: " "))" }
}
