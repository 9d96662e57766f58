/// A service that was found, with where each thing about it was found.
struct FoundService {
    /// Something found, and what it was found by.
    struct Evidence<Value> {
        var value: Value
        /// Where: `EXPOSE in Dockerfile:12`.
        var reason: String
    }

    var name: String
    var candidate: DockerfileSearch.Candidate
    var context: Evidence<String>
    var arguments: [(name: String, value: String)]
    var port: Evidence<Int>?
    var health: Evidence<String>?
    /// The services of the compose file that run its image.
    var composed: [ComposeFile.Service]
    /// The variables that its sources read.
    var variables: Set<String>

    var dockerfile: String { candidate.dockerfile.path }
}

/// Finds the services of a repository.
struct ServiceSearch {
    let tree: FileTree
    let facts: RepositoryFacts
    let compose: ComposeFile?

    func services(_ candidates: [DockerfileSearch.Candidate]) -> [FoundService] {
        var taken: Set<String> = []
        return candidates.map { candidate in
            let composed = compose?.services.filter { $0.build.map { matches($0, candidate) } ?? false } ?? []
            let name = Self.unique(self.name(of: candidate, composed), among: &taken, in: candidate.folder)
            let context = context(of: candidate, composed)
            let sources = SourceSearch(tree: tree, context: context.value, service: candidate, others: candidates)
            let port = port(of: candidate, composed, sources)
            return FoundService(
                name: name, candidate: candidate, context: context, arguments: arguments(composed), port: port,
                health: health(of: candidate, composed, sources), composed: composed, variables: sources.variables)
        }
    }

    private func matches(_ build: ComposeFile.Build, _ candidate: DockerfileSearch.Candidate) -> Bool {
        guard build.dockerfile == candidate.dockerfile.path else { return false }
        let wanted = build.target.flatMap(candidate.dockerfile.number(of:)) ?? candidate.dockerfile.stages.count - 1
        // What is developed with another target is shipped with the one that was found.
        return wanted == candidate.stage || candidate.target == nil
    }

    // MARK: Names

    private func name(of candidate: DockerfileSearch.Candidate, _ composed: [ComposeFile.Service]) -> String {
        if let nickname = candidate.nickname { return nickname }
        if let first = composed.first(where: { !$0.published.isEmpty }) ?? composed.first { return first.name }
        let folder = Path.parts(of: candidate.folder).last { !DockerfileSearch.plainFolders.contains($0.lowercased()) }
        return folder ?? facts.name
    }

    private static func unique(_ wanted: String, among taken: inout Set<String>, in folder: String) -> String {
        let base = ProjectName.label(wanted, atMost: 40) ?? "app"
        let longer = (Path.parts(of: folder) + [wanted]).reversed().reduce(into: [String]()) { parts, part in
            if parts.last != part { parts.append(part) }
        }
        let alternatives = [base] + [ProjectName.label(longer.reversed().joined(separator: "-"), atMost: 40)].compactMap(\.self)
        var name = alternatives.first { !taken.contains($0) }
        var number = 2
        while name == nil {
            if !taken.contains("\(base)-\(number)") { name = "\(base)-\(number)" }
            number += 1
        }
        let free = name ?? base
        taken.insert(free)
        return free
    }

    // MARK: Build

    private func context(
        of candidate: DockerfileSearch.Candidate, _ composed: [ComposeFile.Service]
    ) -> FoundService.Evidence<String> {
        if let compose, let build = composed.first?.build {
            return .init(value: build.context, reason: "as \(compose.path) builds it")
        }
        let folder = candidate.folder
        let sources = Set(candidate.dockerfile.stages.flatMap(\.sources)).filter { !["", ".", "./", "/", "*"].contains($0) }
        guard folder != "." else { return .init(value: ".", reason: "the Dockerfile is at the root") }
        var places = [folder]
        while let last = places.last, last != "." { places.append(Path.folder(of: last)) }
        let counts = places.map { place in sources.count { exists($0, in: place) } }
        let best = counts.max() ?? 0
        let isBare = tree.files(under: folder).allSatisfy { path in
            let name = Path.name(of: path).lowercased()
            return name.contains("dockerfile") || name.hasSuffix(".sh") || name.hasSuffix(".conf") || name.hasPrefix("compose")
                || name.hasPrefix("docker-compose")
        }
        if best == 0 || counts[0] == best {
            // `COPY . .` alone fits everywhere: a folder of nothing but Dockerfiles has nothing to copy.
            let takesAll = sources.isEmpty && candidate.dockerfile.stages.contains { !$0.sources.isEmpty }
            if takesAll, isBare { return .init(value: ".", reason: "\(folder) holds no sources to copy") }
            let reason = sources.isEmpty ? "the Dockerfile's folder" : "what it copies is in the Dockerfile's folder"
            return .init(value: folder, reason: reason)
        }
        let place = zip(places, counts).first { $0.1 == best }?.0 ?? "."
        let example = sources.sorted().first { exists($0, in: place) && !exists($0, in: folder) } ?? "."
        return .init(value: place, reason: "COPY \(example) is found only there")
    }

    /// Whether a source of COPY, which may be a pattern, is in a folder.
    private func exists(_ source: String, in folder: String) -> Bool {
        let parts = source.split(separator: "/").prefix { !$0.contains { "*?[".contains($0) } }
        guard !parts.isEmpty else {
            let pattern = source.prefix { !"*?[".contains($0) }
            return tree.files(under: folder).contains { Path.folder(of: $0) == folder && Path.name(of: $0).hasPrefix(pattern) }
        }
        return Path.join(folder, parts.joined(separator: "/")).map(tree.contains) ?? false
    }

    /// The build arguments that stand in the compose file as they are.
    private func arguments(_ composed: [ComposeFile.Service]) -> [(name: String, value: String)] {
        (composed.first?.build?.arguments ?? []).compactMap { name, value in
            guard let value, !value.contains("$"), !SecretWords.sound(in: name) else { return nil }
            return (name, value)
        }
    }

    // MARK: Port

    private func port(
        of candidate: DockerfileSearch.Candidate, _ composed: [ComposeFile.Service], _ sources: SourceSearch
    ) -> FoundService.Evidence<Int>? {
        let (image, path) = (candidate.image, candidate.dockerfile.path)
        if let first = image.ports.first { return .init(value: first.value, reason: "EXPOSE in \(path):\(first.line)") }
        for name in image.environment.keys.sorted() where name == "PORT" || name.hasSuffix("_PORT") || name.hasSuffix("_PORTS") {
            guard let found = image.environment[name], let port = Int(found.value), (1...65535).contains(port) else { continue }
            if name == "PORT" || name.contains("HTTP") || name.contains("SERVER") || name.contains("APP") {
                return .init(value: port, reason: "\(name) in \(path):\(found.line)")
            }
        }
        if let compose {
            if let port = composed.lazy.flatMap(\.published).first {
                return .init(value: port, reason: "published by \(compose.path)")
            }
            if let port = composed.lazy.flatMap(\.exposed).first {
                return .init(value: port, reason: "exposed by \(compose.path)")
            }
            let told = composed.lazy.flatMap(\.environment).first { $0.name == "PORT" }?.value.flatMap { Int(Compose.filled($0)) }
            if let told { return .init(value: told, reason: "PORT in \(compose.path)") }
        }
        for command in image.commands.values {
            let pattern = /(?:--(?:server[.-])?port[= ]|(?:^|\s)-p[= ]?|(?:0\.0\.0\.0|\[::\]|--bind[= ]|-b[= ]\S*):)(\d{2,5})\b/
            if let match = command.value.firstMatch(of: pattern), let port = Int(match.1), (1...65535).contains(port) {
                return .init(value: port, reason: "its command in \(path):\(command.line)")
            }
        }
        return sources.port ?? BaseImage.port(of: image.base).map { .init(value: $0, reason: "what \(image.base) listens on") }
    }

    // MARK: Health

    private func health(
        of candidate: DockerfileSearch.Candidate, _ composed: [ComposeFile.Service], _ sources: SourceSearch
    ) -> FoundService.Evidence<String>? {
        guard BaseImage.speaksHTTP(candidate.image.base) else { return nil }
        if let check = candidate.image.healthCheck, let path = Self.path(in: check.value) {
            return .init(value: path, reason: "HEALTHCHECK in \(candidate.dockerfile.path):\(check.line)")
        }
        if let compose, let path = composed.lazy.compactMap({ $0.healthTest.flatMap(Self.path) }).first {
            return .init(value: path, reason: "healthcheck in \(compose.path)")
        }
        if let found = sources.health { return found }
        let base = candidate.image.base
        return BaseImage.isWebServer(base) ? .init(value: "/", reason: "\(base) serves pages") : nil
    }

    /// The path of the address that a health check asks; nil when it asks none.
    private static func path(in check: String) -> String? {
        let address =
            /(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):?(?:\d+|\$\{?[A-Za-z_][^\/\s"'}]*\}?)?(\/[A-Za-z0-9._~\/-]*)/
        return check.firstMatch(of: address).map { String($0.1) }
    }
}

/// What is known of base images.
enum BaseImage {
    /// The port that containers of the image listen on when nobody says otherwise.
    static func port(of image: String) -> Int? {
        let (name, tag) = parts(of: image)
        switch name {
        case "nginx-unprivileged": return 8080
        case _ where isWebServer(image): return 80
        case "php" where tag.contains("apache"): return 80
        case "aspnet": return (Int(tag.prefix { $0.isNumber }) ?? 8) >= 8 ? 8080 : 80
        case "tomcat": return 8080
        default: return nil
        }
    }

    /// Whether what it runs can be asked over HTTP: PHP-FPM speaks FastCGI.
    static func speaksHTTP(_ image: String) -> Bool {
        let (name, tag) = parts(of: image)
        return !(name == "php" && tag.contains("fpm"))
    }

    /// Whether it serves files by itself.
    static func isWebServer(_ image: String) -> Bool {
        ["nginx", "nginx-unprivileged", "httpd", "caddy"].contains(parts(of: image).name)
    }

    private static func parts(of image: String) -> (name: String, tag: String) {
        let last = Path.name(of: image).split(separator: "@").first.map(String.init) ?? image
        let words = last.split(separator: ":", maxSplits: 1).map(String.init)
        return (words.first ?? "", words.dropFirst().first ?? "")
    }
}

/// Words in a variable's name that make it look like a secret.
enum SecretWords {
    static func sound(in name: String) -> Bool {
        let words = name.uppercased().split { $0 == "_" || $0 == "-" || $0 == "." }.map(String.init)
        return words.contains { secret.contains($0) } || words.last == "KEY"
    }

    private static let secret: Set = [
        "PASSWORD", "PASSWD", "PASS", "PWD", "SECRET", "SECRETS", "TOKEN", "CREDENTIAL", "CREDENTIALS", "DSN", "PRIVATE",
        "APIKEY",
    ]
}
