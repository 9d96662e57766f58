extension Stage {
    /// Builds a service's image and hands it on.
    ///
    /// - Parameters:
    ///   - service: the service's name in the project.
    ///   - file: where the stage is declared, for what is wrong with it.
    ///   - line: the line in it, from 1.
    ///   - column: the column in it, from 1.
    public static func build(
        _ service: String, file: String = #fileID, line: Int = #line, column: Int = #column
    ) -> Declared<Image> {
        declare(Build.self, service, fills: "image.\(service)", at: SourceLocation(file: file, line: line, column: column))
    }

    /// Migrates an environment's database and hands on its schema.
    ///
    /// - Parameters:
    ///   - environment: the environment's name in the project.
    ///   - approval: the consent, where the environment demands one.
    ///   - file: where the stage is declared, for what is wrong with it.
    ///   - line: the line in it, from 1.
    ///   - column: the column in it, from 1.
    public static func migrate(
        _ environment: String, approval: Declared<Approval>? = nil,
        file: String = #fileID, line: Int = #line, column: Int = #column
    ) -> Declared<Schema> {
        declare(
            Migrate.self, environment, taking: [approval?.declaration], fills: "schema",
            at: SourceLocation(file: file, line: line, column: column))
    }

    /// Deploys images to an environment and hands on the release.
    ///
    /// - Parameters:
    ///   - environment: the environment's name in the project.
    ///   - images: one of each service.
    ///   - schema: the database's state, where the environment has a database.
    ///   - approval: the consent, where the environment demands one.
    ///   - file: where the stage is declared, for what is wrong with it.
    ///   - line: the line in it, from 1.
    ///   - column: the column in it, from 1.
    public static func deploy(
        _ environment: String, images: [Declared<Image>], schema: Declared<Schema>? = nil, approval: Declared<Approval>? = nil,
        file: String = #fileID, line: Int = #line, column: Int = #column
    ) -> Declared<ReleaseReference> {
        declare(
            Deploy.self, environment, taking: images.map(\.declaration) + [schema?.declaration, approval?.declaration],
            fills: "release", at: SourceLocation(file: file, line: line, column: column))
    }

    /// Proves that a release works.
    ///
    /// - Parameters:
    ///   - release: what a deploy has handed on.
    ///   - file: where the stage is declared, for what is wrong with it.
    ///   - line: the line in it, from 1.
    ///   - column: the column in it, from 1.
    public static func verify(
        _ release: Declared<ReleaseReference>, file: String = #fileID, line: Int = #line, column: Int = #column
    ) -> Declared<Nothing> {
        declare(
            Verify.self, release.declaration.subject, taking: [release.declaration], fills: nil,
            at: SourceLocation(file: file, line: line, column: column))
    }

    /// Waits for a person's consent to what an environment would receive, and hands it on.
    ///
    /// - Parameters:
    ///   - environment: the environment's name in the project.
    ///   - images: one of each service.
    ///   - file: where the stage is declared, for what is wrong with it.
    ///   - line: the line in it, from 1.
    ///   - column: the column in it, from 1.
    public static func approve(
        _ environment: String, images: [Declared<Image>], file: String = #fileID, line: Int = #line, column: Int = #column
    ) -> Declared<Approval> {
        declare(
            Approve.self, environment, taking: images.map(\.declaration), fills: "approval",
            at: SourceLocation(file: file, line: line, column: column))
    }

    /// Runs a program.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments; no shell reads them.
    ///   - name: the stage's name.
    ///   - directory: where it runs, relative to the repository's root.
    ///   - environment: variables added to the environment; values may hold references, as in `${env:TOKEN}`.
    ///   - isIdempotent: whether it may be run again when nobody knows how far it got.
    ///   - check: a program and its arguments that tell whether the command has done its work.
    ///   - file: where the stage is declared, for what is wrong with it.
    ///   - line: the line in it, from 1.
    ///   - column: the column in it, from 1.
    public static func run(
        _ command: [String], named name: String, directory: String? = nil, environment: [String: String] = [:],
        isIdempotent: Bool = false, check: [String]? = nil,
        file: String = #fileID, line: Int = #line, column: Int = #column
    ) -> Declared<Nothing> {
        let location = SourceLocation(file: file, line: line, column: column)
        func node(_ text: String) -> YAMLNode { YAMLNode(location: location, value: .scalar(text)) }
        var form = Declaration.Form(name: name, keys: [(RunCommand.keyword, .sequence(command.map(node)))])
        if let directory { form.set("directory", .scalar(directory)) }
        if !environment.isEmpty {
            let variables = environment.sorted { $0.key < $1.key }
            form.set("env", .mapping(variables.map { .init(key: $0.key, keyLocation: location, value: node($0.value)) }))
        }
        if isIdempotent { form.set("idempotent", .scalar("true")) }
        if let check { form.set("check", .sequence(check.map(node))) }
        return Declared(declaration: Declaration(form, fills: nil, at: location))
    }

    private static func declare<Kind: StageKind>(
        _ kind: Kind.Type, _ subject: String, taking stages: [Declaration?] = [], fills port: String?, at location: SourceLocation
    ) -> Declared<Kind.Output> {
        var form = Declaration.Form(name: "\(kind.keyword)-\(subject)", keys: [(kind.keyword, .scalar(subject))])
        for stage in stages {
            if let stage, let port = stage.port { form.inputs.append((port, stage)) }
        }
        return Declared(declaration: Declaration(form, fills: port, at: location))
    }
}

extension Declaration {
    /// The service or environment it is about; empty for a command.
    fileprivate var subject: String {
        guard case .scalar(let text)? = form.keys.first?.value else { return "" }
        return text
    }
}
