import Pipeline

/// What a compose file says, as far as discovery asks (the compose specification).
struct ComposeFile {
    /// One service of it.
    struct Service {
        var name: String
        var build: Build?
        var image: String?
        /// What is published, by the port in the container.
        var published: [Int] = []
        /// What is only told to the services beside it.
        var exposed: [Int] = []
        /// In order; nil where the value is handed through.
        var environment: [(name: String, value: String?)] = []
        var environmentFiles: [String] = []
        var healthTest: String?
        var healthCheck: YAMLNode?
        var dependencies: [String] = []
        var command: YAMLNode?
        /// Mounts of named volumes, as they are written.
        var volumes: [String] = []
        var profiles: [String] = []
    }

    /// How a service's image is built.
    struct Build {
        /// Relative to the repository's root.
        var context: String
        /// Relative to the repository's root.
        var dockerfile: String
        var target: String?
        var arguments: [(name: String, value: String?)] = []
    }

    let path: String
    let text: String
    private(set) var services: [Service] = []

    /// Nil when it is no compose file or cannot be read.
    init?(_ text: String, path: String) {
        self.path = path
        self.text = text
        guard let root = YAMLDocument.value(of: text), case .mapping(let entries)? = root["services"]?.value else { return nil }
        services = entries.map { Service($0.key, $0.value, in: Path.folder(of: path)) }
    }

    /// Every compose file of a repository, the one that counts first: nearest to the root, and without a second name.
    static func all(in tree: FileTree) -> [ComposeFile] {
        let paths = tree.paths.filter { path in
            let name = Path.name(of: path).lowercased()
            let isYAML = name.hasSuffix(".yml") || name.hasSuffix(".yaml")
            return isYAML && (name.hasPrefix("compose.") || name.hasPrefix("docker-compose."))
                && !DockerfileSearch.isForeign(path)
        }
        return paths.sorted { rank($0) < rank($1) }.compactMap { path in tree.text(path).flatMap { ComposeFile($0, path: path) } }
    }

    private static func rank(_ path: String) -> (Int, Int, String) {
        (Path.parts(of: path).count, Path.name(of: path).split(separator: ".").count, path)
    }

    /// The variables it takes that have no value of their own, in the order in which they are first named.
    var wantedVariables: [String] {
        var wanted: [String] = []
        let plain = text.split { $0.isNewline }.filter { !$0.trimmed.hasPrefix("#") }.joined(separator: "\n").replacing(
            "$$", with: "")
        for match in plain.matches(of: /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(:?[-+][^}]*)?[^}]*\}|([A-Za-z_][A-Za-z0-9_]*))/)
        where match.2 == nil {
            let name = String(match.1 ?? match.3 ?? "")
            if !wanted.contains(name) { wanted.append(name) }
        }
        return wanted
    }

    /// The variable that a published port is taken from, by service and port in the container.
    var portVariables: [(service: String, variable: String, port: Int)] {
        guard let root = YAMLDocument.value(of: text), case .mapping(let entries)? = root["services"]?.value else { return [] }
        return entries.flatMap { entry in
            (entry.value["ports"]?.items ?? []).compactMap { port in
                guard let match = (port.text ?? "").firstMatch(of: /\$\{([A-Za-z_][A-Za-z0-9_]*)[^}]*\}:(\d+)/),
                    let inside = Int(match.2)
                else { return nil }
                return (entry.key, String(match.1), inside)
            }
        }
    }
}

extension ComposeFile.Service {
    fileprivate init(_ name: String, _ node: YAMLNode, in folder: String) {
        self.name = name
        image = node["image"]?.text
        build = node["build"].flatMap { ComposeFile.Build($0, in: folder) }
        let ports = (node["ports"]?.items ?? []).compactMap { node in
            node.text.flatMap(Self.containerPort) ?? node["target"]?.text.flatMap { Int($0) }
        }
        published = ports
        exposed = (node["expose"]?.items ?? []).compactMap { $0.text.flatMap(Self.containerPort) }
        environment = node["environment"]?.pairs ?? []
        environmentFiles =
            node["env_file"].map { list in
                list.text.map { [$0] } ?? list.items.compactMap { $0.text ?? $0["path"]?.text }
            } ?? []
        healthCheck = node["healthcheck"]
        healthTest = healthCheck?["test"].map { test in
            test.text ?? test.items.compactMap(\.text).joined(separator: " ")
        }
        dependencies = node["depends_on"].map { $0.items.compactMap(\.text) + $0.fields.map(\.key) } ?? []
        command = node["command"]
        volumes = (node["volumes"]?.items ?? []).compactMap(\.text).filter { volume in
            let source = volume.prefix { $0 != ":" }
            return volume.contains(":") && !source.hasPrefix(".") && !source.hasPrefix("/") && !source.hasPrefix("~")
                && !source.hasPrefix("$")
        }
        profiles = (node["profiles"]?.items ?? []).compactMap(\.text)
    }

    /// The port in the container of `[[ADDRESS:]PUBLISHED:]PORT[/PROTOCOL]`.
    private static func containerPort(_ text: String) -> Int? {
        guard !text.hasSuffix("/udp") else { return nil }
        let plain = Compose.filled(text).prefix { $0 != "/" }
        return plain.split(separator: ":").last.flatMap { Int($0) }
    }
}

extension ComposeFile.Build {
    fileprivate init?(_ node: YAMLNode, in folder: String) {
        guard let context = Path.join(folder, Compose.filled(node.text ?? node["context"]?.text ?? ".")),
            let dockerfile = Path.join(context, Compose.filled(node["dockerfile"]?.text ?? "Dockerfile"))
        else { return nil }
        self.context = context
        self.dockerfile = dockerfile
        target = node["target"]?.text?.lowercased()
        arguments = node["args"]?.pairs ?? []
    }
}

/// How compose puts variables into a text.
enum Compose {
    /// The text with the defaults put in, and nothing for a variable that has none.
    static func filled(_ text: String) -> String {
        text.replacing(/\$\{[A-Za-z_][A-Za-z0-9_]*(?::?-([^}]*))?[^}]*\}|\$[A-Za-z_][A-Za-z0-9_]*/) {
            $0.1.map(String.init) ?? ""
        }
    }
}

extension YAMLNode {
    /// The text of a scalar.
    var text: String? {
        if case .scalar(let text) = value { text } else { nil }
    }

    /// The items of a list; none of anything else.
    var items: [YAMLNode] {
        if case .sequence(let items) = value { items } else { [] }
    }

    /// The fields of a mapping with those that it is merged with (`<<`, YAML 1.1's merge key); none of anything else.
    var fields: [Field] {
        guard case .mapping(let own) = value else { return [] }
        var fields = own.filter { $0.key != "<<" }
        for merged in own where merged.key == "<<" {
            for other in merged.value.items.isEmpty ? [merged.value] : merged.value.items {
                for field in other.fields where !fields.contains(where: { $0.key == field.key }) { fields.append(field) }
            }
        }
        return fields
    }

    /// The value of a field.
    subscript(key: String) -> YAMLNode? { fields.first { $0.key == key }?.value }

    /// Names and values, written as a mapping or as a list of `NAME=VALUE`.
    var pairs: [(name: String, value: String?)] {
        fields.map { ($0.key, $0.value.text) }
            + items.compactMap { item in
                guard let text = item.text else { return nil }
                guard let equals = text.firstIndex(of: "=") else { return (text, nil) }
                return (String(text[..<equals]), String(text[text.index(after: equals)...]))
            }
    }
}
