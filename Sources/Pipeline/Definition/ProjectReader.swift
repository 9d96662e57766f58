extension Project {
    static let keys: [KeyForm] = [
        .required("name", .text(.name), "The project's name", example: "shop"),
        .required(
            "registry", .text(.registry), "HOST/PATH in lower case; a service's image is REGISTRY/SERVICE",
            example: "ghcr.io/acme/shop"),
        .optional(
            "release-branch", .text(.any), "The branch whose commits may move the tag 'latest'", example: "main",
            standard: "main"),
        .optional(
            "pipeline", .text(.name), "The pipeline that 'shipit deploy' runs", example: "release", standard: "release"),
        .optional(
            "credentials", .mapping(RegistryLogin.keys),
            "How to sign in at the registry, by reference; without it docker's own login is used",
            example: "{username: \"${env:REGISTRY_USERNAME}\", password: \"${env:REGISTRY_PASSWORD}\"}"),
        .required(
            "services", .entries(of: .mapping(Service.keys), keys: .name), "What is built, by name",
            example: "{api: {dockerfile: Dockerfile}}"),
        .required(
            "environments", .entries(of: .mapping(Environment.keys), keys: .name), "Where releases live, by name",
            example: "{staging: {target: …}}"),
        .optional(
            "notifications", .list(of: .mapping(Recipient.forms)),
            "Who is told of approvals that wait, failures and rollbacks", example: "[{slack: \"${env:SLACK_WEBHOOK}\"}]"),
        .optional(
            "page", .text(.pageAddress), "Where the project's page is: what 'shipit open' opens, and notifications lead to",
            example: "https://shipit.example.org"),
    ]

    /// Reads `project.yml`.
    ///
    /// - Parameters:
    ///   - content: the file's bytes.
    ///   - file: its name for diagnostics.
    /// - Throws: every mistake at once.
    public init(parsing content: [UInt8], file: String) throws(DefinitionError) {
        let collector = DiagnosticCollector()
        let project = Project.read(content, file: file, reporting: collector)
        guard collector.isEmpty, let project else { throw DefinitionError(collector.diagnostics) }
        self = project
    }

    /// What could be read, with everything wrong reported: a pipeline is checked against it even when some of it is wrong.
    static func read(_ content: [UInt8], file: String, reporting collector: DiagnosticCollector) -> Project? {
        guard let document = YAMLDocument(content, file: file, reporting: collector) else { return nil }
        guard let root = document.root, var fields = FieldReader(root, as: [keys], subject: "the project", reporting: collector)
        else {
            if document.root == nil {
                let start = SourceLocation(file: file, line: 1, column: 1)
                collector.report(
                    .missingKey, at: start, "the file is empty", remedy: "see docs/project.md, or copy pipelines/project.yml")
            }
            return nil
        }
        if !fields.has("name") { fields.reportMissing("name") }
        let name: Name<Project>? = fields.name("name", what: "project")?.value
        let registry = registry(from: fields.requiredText("registry"), reporting: collector)
        let branch = fields.text("release-branch")?.value ?? "main"
        let pipeline: PipelineName? = fields.name("pipeline", what: "pipeline")?.value
        let login = fields.node("credentials").flatMap { RegistryLogin.read($0, reporting: collector) }
        if !fields.has("services") { fields.reportMissing("services") }
        if !fields.has("environments") { fields.reportMissing("environments") }
        let services = readAll(fields.mapping("services"), what: "service", reporting: collector, Service.read)
        let environments = readAll(fields.mapping("environments"), what: "environment", reporting: collector, Environment.read)
        let recipients = fields.list("notifications").enumerated().compactMap { number, node in
            Recipient.read(node, number: number + 1, environments: Set(environments.keys), reporting: collector)
        }
        let page = page(from: fields.text("page"), reporting: collector)
        fields.finish()
        return Project(
            name: name ?? Name(literal: "unnamed"), registry: registry ?? "", releaseBranch: branch,
            pipeline: pipeline ?? Name(literal: "release"), credentials: login, services: services,
            environments: environments, notifications: recipients.isEmpty ? nil : recipients, page: page)
    }

    /// An address that a path can be added to; without TLS only on this very machine, since people sign in there.
    private static func page(from text: Located<String>?, reporting collector: DiagnosticCollector) -> String? {
        guard let text else { return nil }
        let authority = text.value.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
        let isOwn = ["localhost", "127.0.0.1", "[::1]"].contains { authority == $0 || authority.hasPrefix("\($0):") }
        let isAddress = text.value.hasPrefix("https://") || text.value.hasPrefix("http://") && isOwn
        guard isAddress, !authority.isEmpty,
            !text.value.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f || "?#@<>|\"\\".utf8.contains($0) })
        else {
            collector.report(
                .badValue, at: text.location, "'\(text.value)' is not the address of a page", offending: text.value,
                remedy: "write https://HOST or https://HOST/PATH; http:// is for localhost only")
            return nil
        }
        return String(text.value.reversed().drop { $0 == "/" }.reversed())
    }

    private static func readAll<Subject>(
        _ entries: [YAMLNode.Field], what: String, reporting collector: DiagnosticCollector,
        _ read: (YAMLNode, String, DiagnosticCollector) -> Subject?
    ) -> [Name<Subject>: Subject] {
        var found: [Name<Subject>: Subject] = [:]
        for entry in entries {
            let key = Located(entry.key, at: entry.keyLocation)
            let name: Located<Name<Subject>>? = FieldReader.name(key, what: what, reporting: collector)
            let subject = read(entry.value, "\(what) '\(entry.key)'", collector)
            guard let name else { continue }
            if let subject {
                found[name.value] = subject
            } else {
                collector.noteUnreadable(what, name.value)
            }
        }
        return found
    }

    /// Lower-case host and path, no scheme, no tag (OCI distribution specification, "Pulling manifests": the form of `<name>`).
    private static func registry(from text: Located<String>?, reporting collector: DiagnosticCollector) -> String? {
        guard let text else { return nil }
        let parts = text.value.split(separator: "/", omittingEmptySubsequences: false)
        let isHost = parts.first.map { $0.contains(".") || $0.contains(":") || $0 == "localhost" } ?? false
        let isPath = parts.dropFirst().allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
                }
        }
        guard isHost, isPath, parts.count >= 2 else {
            collector.report(
                .badValue, at: text.location, "'\(text.value)' is not a registry and path", offending: text.value,
                remedy: "write HOST/PATH in lower case, without 'https://' and without a tag: ghcr.io/ORG/REPO")
            return nil
        }
        return text.value
    }
}

extension RegistryLogin {
    static let keys: [KeyForm] = [
        .required("username", .text(.value), "The user's name, or a reference to it", example: "${env:REGISTRY_USERNAME}"),
        .required(
            "password", .text(.secret), "A reference to the password or token; never the secret itself",
            example: "${env:REGISTRY_PASSWORD}"),
    ]

    fileprivate static func read(_ node: YAMLNode, reporting collector: DiagnosticCollector) -> RegistryLogin? {
        guard var fields = FieldReader(node, as: [keys], subject: "the registry's credentials", reporting: collector) else {
            return nil
        }
        for key in ["username", "password"] where !fields.has(key) { fields.reportMissing(key) }
        let username = fields.value("username")
        let password = fields.value("password")
        if let password, password.references.isEmpty {
            // Not repeated: it is the secret itself.
            collector.report(
                .badValue, at: fields.place(of: "password"), "the password stands in the file",
                remedy: "write ${env:REGISTRY_PASSWORD} and revoke the one that stood here")
        }
        fields.finish()
        guard let username, let password else { return nil }
        return RegistryLogin(username: username, password: password)
    }
}

extension Service {
    static let keys: [KeyForm] = [
        .optional(
            "dockerfile", .text(.path), "The Dockerfile, relative to the repository's root", example: "api/Dockerfile",
            standard: "Dockerfile"),
        .optional("target", .text(.any), "The Dockerfile's target; without it the last one", example: "api"),
        .optional(
            "context", .text(.path), "The build context, relative to the repository's root", example: "api", standard: "."),
        .optional(
            "arguments", .entries(of: .text(.literal)),
            "Build arguments; they end in the image's history and so cannot be secret", example: "{EDITION: small}"),
        .optional("port", .integer(1...65535), "The port the service listens on in its container", example: "3000"),
    ]

    fileprivate static func read(_ node: YAMLNode, subject: String, reporting collector: DiagnosticCollector) -> Service? {
        guard var fields = FieldReader(node, as: [keys], subject: subject, reporting: collector) else { return nil }
        let dockerfile = FieldReader.relativePath(fields.text("dockerfile"), reporting: collector) ?? "Dockerfile"
        let context = FieldReader.relativePath(fields.text("context"), reporting: collector) ?? "."
        var arguments: [String: String] = [:]
        for argument in fields.mapping("arguments") {
            guard case .scalar(let text) = argument.value.value else {
                collector.report(
                    .badValue, at: argument.value.location,
                    "build argument '\(argument.key)' is \(argument.value.sort), a text is wanted")
                continue
            }
            if text.contains("${") {
                collector.report(
                    .badValue, at: argument.value.location, "build argument '\(argument.key)' holds a reference", offending: text,
                    remedy:
                        "build arguments end in the image's history: give the secret at run time, under the environment's 'values'"
                )
            }
            arguments[argument.key] = text
        }
        let service = Service(
            dockerfile: dockerfile, target: fields.text("target")?.value, context: context, arguments: arguments,
            port: fields.integer("port", what: "a port"))
        fields.finish()
        return service
    }
}

extension FieldReader {
    /// A path inside the repository: not absolute, not leaving it.
    static func relativePath(_ text: Located<String>?, reporting collector: DiagnosticCollector) -> String? {
        guard let text else { return nil }
        let parts = text.value.split(separator: "/")
        guard !text.value.hasPrefix("/"), !parts.contains(".."), !text.value.isEmpty else {
            collector.report(
                .badValue, at: text.location, "'\(text.value)' leaves the repository", offending: text.value,
                remedy: "write a path relative to the repository's root")
            return nil
        }
        let kept = parts.filter { $0 != "." }
        return kept.isEmpty ? "." : kept.joined(separator: "/")
    }
}
