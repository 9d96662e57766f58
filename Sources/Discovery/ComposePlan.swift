import Pipeline

/// The compose file that releases are run with, and what each environment must hand to it.
struct ComposePlan {
    /// A variable of the file, and what each environment puts in.
    struct Value {
        var name: String
        var staging: String
        var production: String
    }

    var path: String
    /// The file's text; nil when it is there already.
    var text: String?
    var values: [Value] = []
    /// Where each service is published on the host, by its name.
    var published: [String: (staging: Int, production: Int)] = [:]
    var notes: [String] = []

    /// The first ports of this host that releases are published at.
    private static let firstPort = 8100

    private mutating func publish(_ service: String, as variable: String, among count: Int) {
        let port = (staging: Self.firstPort + published.count, production: Self.firstPort + max(100, count) + published.count)
        published[service] = port
        values.append(Value(name: variable, staging: String(port.staging), production: String(port.production)))
    }

    private mutating func addOwn(_ name: String) {
        guard !values.contains(where: { $0.name == name }) else { return }
        values.append(Value(name: name, staging: "${env:STAGING_\(name)}", production: "${env:PRODUCTION_\(name)}"))
    }

    /// The variable that holds a service's image, which shipit sets.
    static func image(of service: String) -> String { "SHIPIT_IMAGE_\(Setting.variable(service).drop { $0 == "_" })" }

    // MARK: A file that is there

    /// A compose file that takes its images as shipit hands them over.
    init?(existing files: [ComposeFile], for services: [FoundService]) {
        let fitting = files.first { file in services.allSatisfy { file.text.contains("${\(Self.image(of: $0.name))") } }
        guard let file = fitting, !services.isEmpty else { return nil }
        path = file.path
        text = nil
        let ports = file.portVariables
        for variable in file.wantedVariables where !variable.hasPrefix("SHIPIT_") {
            let port = ports.first { $0.variable == variable }
            let service = port.flatMap { port in
                services.first { $0.name == port.service } ?? services.first { $0.port?.value == port.port }
            }
            if let service, published[service.name] == nil {
                publish(service.name, as: variable, among: ports.count)
            } else {
                addOwn(variable)
            }
        }
    }

    // MARK: A file that is written

    /// A compose file made of what was found.
    /// - Parameters:
    ///   - path: where it goes.
    ///   - project: the project's name.
    ///   - source: the compose file of development; nil when there is none.
    ///   - hasDatabase: whether shipit migrates a database.
    init(writing path: String, project: String, _ services: [FoundService], from source: ComposeFile?, hasDatabase: Bool) {
        self.path = path
        var names: Set<String> = []
        var entries: [(service: FoundService, name: String, composed: ComposeFile.Service?)] = []
        for service in services {
            for composed in service.composed.isEmpty ? [nil] : service.composed.map(Optional.some) {
                var name = composed?.name ?? service.name
                while !names.insert(name).inserted { name += "-2" }
                entries.append((service, name, composed))
            }
        }
        let shipped = Set(entries.compactMap { $0.composed?.name })
        let publishes = entries.contains { $0.composed.map { !$0.published.isEmpty } ?? false }
        let absent = (source?.services ?? []).filter { !shipped.contains($0.name) }
        var fields: [YAMLOutput.Field] = []
        for (index, entry) in entries.enumerated() {
            let isFirst = index == 0 || entries[index - 1].service.name != entry.service.name
            let written = write(
                entry.composed, of: entry.service, isFirst: isFirst, among: entries.count, absent: Set(absent.map(\.name)), names,
                publishes: publishes, hasDatabase: hasDatabase, source?.path)
            fields.append(.init(entry.name, .fields(written), comment: index == 0 ? [] : [""]))
        }
        var volumes = Set<String>()
        for entry in entries { volumes.formUnion((entry.composed?.volumes ?? []).map { String($0.prefix { $0 != ":" }) }) }
        var document = [YAMLOutput.Field("services", .fields(fields))]
        if !volumes.isEmpty {
            document.append(.init("volumes", .fields(volumes.sorted().map { .init($0, .row([])) }), comment: [""]))
        }
        text = YAMLOutput.document(
            document,
            heading: [
                "One release of \(project) on one Docker host: what shipit deploys to staging and production.",
                "shipit sets every ${…}: the images by digest, and the environment's values of pipelines/project.yml. Ports are published on",
                "the loopback interface only: TLS and the public address belong to whatever stands before it.", "",
            ])
        if let source, !absent.isEmpty {
            let listed = absent.map { service in service.image.map { "\(service.name) (\($0))" } ?? service.name }
            notes.append(
                "\(listed.joined(separator: ", ")) of \(source.path) \(absent.count == 1 ? "is" : "are") not part of a release: run "
                    + "\(absent.count == 1 ? "it" : "them") beside it, and give each environment the address.")
        }
        if !volumes.isEmpty {
            notes.append(
                "\(path) keeps the volume\(volumes.count == 1 ? "" : "s") \(volumes.sorted().joined(separator: ", ")): while a release "
                    + "proves itself beside the one that runs, it has an empty one.")
        }
    }

    private mutating func write(
        _ composed: ComposeFile.Service?, of service: FoundService, isFirst: Bool, among count: Int, absent: Set<String>,
        _ names: Set<String>, publishes: Bool, hasDatabase: Bool, _ source: String?
    ) -> [YAMLOutput.Field] {
        let image = Self.image(of: service.name)
        var fields: [YAMLOutput.Field] = [
            .init("image", .text("${\(image):?set by shipit}")), .init("restart", .text("unless-stopped")),
        ]
        // The command of development is not that of production, unless it is what tells two containers of one image apart.
        let runs = !service.candidate.image.commands.isEmpty
        if let composed, let command = composed.command,
            !isFirst || (!runs && BaseImage.port(of: service.candidate.image.base) == nil)
        {
            fields.append(
                .init(
                    "command", command.text.map(YAMLOutput.text) ?? .list(command.items.compactMap(\.text).map(YAMLOutput.text))))
        }
        let (environment, hasOwn) = settings(of: composed, in: service, absent: absent, hasDatabase: hasDatabase, source)
        if !environment.isEmpty { fields.append(.init("environment", .fields(environment))) }
        // Where the compose file publishes some, the others are for the services beside them.
        let isPublished = composed.map { !$0.published.isEmpty || !publishes && isFirst } ?? true
        if let port = service.port?.value, isPublished, published[service.name] == nil {
            let variable = "\(Setting.variable(service.name))_PORT"
            publish(service.name, as: variable, among: count)
            fields.append(.init("ports", .list([.text("127.0.0.1:${\(variable):?a port of this host}:\(port)")])))
        }
        if hasOwn {
            fields.append(
                .init(
                    "extra_hosts", .list([.text("host.docker.internal:host-gateway")]),
                    comment: ["What runs on this very host is reached so."]))
        }
        if let composed {
            let needed = composed.dependencies.filter { names.contains($0) && !absent.contains($0) }
            if !needed.isEmpty { fields.append(.init("depends_on", .list(needed.map(YAMLOutput.text)))) }
            if let check = composed.healthCheck { fields.append(.init("healthcheck", .fields(Self.copied(check)))) }
            if !composed.volumes.isEmpty { fields.append(.init("volumes", .list(composed.volumes.map(YAMLOutput.text)))) }
            if !composed.environmentFiles.isEmpty, let source {
                notes.append(
                    "\(composed.name) reads \(composed.environmentFiles.joined(separator: ", ")) in \(source): add what it needs of that to "
                        + "\(path) and to the environments' values.")
            }
        }
        return fields
    }

    private mutating func settings(
        of composed: ComposeFile.Service?, in service: FoundService, absent: Set<String>, hasDatabase: Bool, _ source: String?
    ) -> (fields: [YAMLOutput.Field], hasOwn: Bool) {
        var fields: [YAMLOutput.Field] = []
        var hasOwn = false
        var dropped: [String] = []
        var settings = composed?.environment ?? []
        if hasDatabase, service.variables.contains("DATABASE_URL"), !settings.contains(where: { $0.name == "DATABASE_URL" }) {
            settings.append(("DATABASE_URL", nil))
        }
        for (name, raw) in settings where !fields.contains(where: { $0.key == name }) {
            switch Setting(name, raw, absent: absent) {
            case .dropped: dropped.append("\(name)=\(raw ?? "")")
            case .literal(let text):
                fields.append(.init(name, .text(text)))
                if text.contains("localhost") || text.contains("127.0.0.1") {
                    notes.append(
                        "\(name)=\(text) of \(composed?.name ?? service.name) is an address of this machine: correct it in \(path)."
                    )
                }
            case .own:
                hasOwn = true
                var variable = Setting.variable(name)
                // The same name for something else, in another service.
                if let known = sources[variable], known != raw {
                    variable = Setting.variable("\(composed?.name ?? service.name)_\(name)")
                }
                sources[variable] = .some(raw)
                addOwn(variable)
                fields.append(.init(name, .text("${\(variable):?a value of the environment}")))
            }
        }
        if !dropped.isEmpty, let source {
            notes.append(
                "\(dropped.joined(separator: ", ")) of \(composed?.name ?? service.name) in \(source) was left out: it is for development."
            )
        }
        return (fields, hasOwn)
    }

    /// What each variable was called in the file it was read from.
    private var sources: [String: String?] = [:]

    /// A health check as compose takes it: numbers and truth values plain, all else as text.
    private static func copied(_ check: YAMLNode) -> [YAMLOutput.Field] {
        check.fields.compactMap { field in
            if let text = field.value.text {
                let isPlain =
                    ["retries", "disable"].contains(field.key) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
                return .init(field.key, isPlain ? .plain(text) : .text(text))
            }
            let items = field.value.items.compactMap(\.text)
            return items.isEmpty ? nil : .init(field.key, .list(items.map(YAMLOutput.text)))
        }
    }
}
