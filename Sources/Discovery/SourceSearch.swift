/// Looks for what a service says of itself in its sources: within bounds, so that a large repository takes no longer.
struct SourceSearch {
    private static let mostFiles = 400
    private static let longestFile = 256 << 10
    private static let mostBytes = 3 << 20

    private(set) var health: FoundService.Evidence<String>?
    private(set) var port: FoundService.Evidence<Int>?
    /// The variables that are read, but for those that every platform sets.
    private(set) var variables: Set<String> = []

    /// - Parameters:
    ///   - context: the folder that the image is built from.
    ///   - service: what is built.
    ///   - others: the other images; what is in their folders is theirs.
    init(tree: FileTree, context: String, service: DockerfileSearch.Candidate, others: [DockerfileSearch.Candidate]) {
        let paths = Self.sources(in: tree, context: context, service: service, others: others)
        var best: (rank: Int, found: FoundService.Evidence<String>)?
        var bytes = 0
        for path in paths where bytes < Self.mostBytes {
            guard let text = tree.text(path), text.utf8.count <= Self.longestFile else { continue }
            bytes += text.utf8.count
            if let found = Self.settings(in: text, of: path) {
                port = port ?? found.port
                if let health = found.health, best?.rank ?? .max > 0 { best = (0, health) }
                continue
            }
            for line in TellingLines(of: text).lines {
                let place = "\(path):\(line.number)"
                for match in line.text.matches(of: Self.reading) { variables.insert(String(match.1)) }
                if port == nil { port = Self.port(in: line.text).map { .init(value: $0, reason: place) } }
                for (rank, health) in Self.health(in: line.text) where rank < best?.rank ?? .max {
                    best = (rank, .init(value: health, reason: place))
                }
            }
        }
        health = best?.found
        variables.subtract(Self.usual)
    }

    /// The files that are the service's own: those of its folder, or of the whole context when it has none of its own.
    private static func sources(
        in tree: FileTree, context: String, service: DockerfileSearch.Candidate, others: [DockerfileSearch.Candidate]
    ) -> [String] {
        var folder = service.folder
        // `docker/api/Dockerfile` may be far from the sources: then those whose folder has its name are asked.
        if !tree.files(under: folder).contains(where: isSource) { folder = context }
        let foreign = others.map(\.folder).filter {
            $0 != service.folder && $0 != folder && ($0.hasPrefix(folder + "/") || folder == ".")
        }
        let all = tree.files(under: folder).filter { path in
            isSource(path) && !isAside(path) && !foreign.contains { path.hasPrefix($0 + "/") }
        }
        // Where a program begins is where it says most.
        let own = all.filter(isTelling) + all.filter { !isTelling($0) }
        guard let target = service.nickname else { return Array(own.prefix(mostFiles)) }
        // Of several images of one tree the one's own folder comes first.
        let named = own.filter { Path.parts(of: Path.folder(of: $0)).contains(target) }
        return Array((named.isEmpty ? own : named).prefix(mostFiles))
    }

    private static func isSource(_ path: String) -> Bool {
        let name = Path.name(of: path)
        return name.lastIndex(of: ".").map { endings.contains(String(name[name.index(after: $0)...])) } ?? false
    }

    private static func isTelling(_ path: String) -> Bool {
        let name = Path.name(of: path).lowercased()
        return [
            "main", "server", "app", "index", "program", "startup", "rout", "urls", "health", "config", "pom.", "build.", "nginx",
        ]
        .contains { name.hasPrefix($0) } || name.contains("health")
    }

    /// Tests and others' code say nothing of the service.
    private static func isAside(_ path: String) -> Bool {
        if DockerfileSearch.isForeign(path) { return true }
        let name = Path.name(of: path).lowercased()
        let isTest =
            [".test.", ".spec.", "_test.", "_spec."].contains { name.contains($0) } || name.hasPrefix("test_")
            || name.hasPrefix("test.")
        return isTest
            || Path.parts(of: Path.folder(of: path)).contains {
                ["test", "tests", "__tests__", "spec", "specs", "e2e", "dist", "docs", "public", "static", "assets"].contains($0)
            }
    }

    private static let endings: Set = [
        "js", "mjs", "cjs", "ts", "mts", "jsx", "tsx", "py", "go", "rs", "rb", "java", "kt", "scala", "groovy", "cs", "fs", "php",
        "ex",
        "exs", "swift", "c", "cc", "cpp", "clj", "dart", "pl", "lua", "zig", "conf", "properties", "yml", "yaml", "toml", "xml",
        "gradle",
        "kts",
    ]

    /// `process.env.NAME`, `os.environ["NAME"]`, `Getenv("NAME")`, `ENV.fetch("NAME")`, `env::var("NAME")`, `env('NAME')`.
    private static var reading: Regex<(Substring, Substring)> {
        /(?i:getenv|environ|\benv|GetEnvironmentVariable|env::var)(?:\.get|\.fetch|::var|_var)?(?:\.|\[\s*["']|\(\s*["'])([A-Z][A-Z0-9_]{2,})\b/
    }

    private static let usual: Set = [
        "PORT", "HOST", "NODE_ENV", "RAILS_ENV", "RACK_ENV", "APP_ENV", "HOME", "PATH", "PWD", "USER", "TZ",
    ]

    // MARK: Health

    private static let paths = [
        "health", "healthz", "ready", "readyz", "readiness", "livez", "live", "liveness", "up", "ping", "_health", "health-check",
        "healthcheck", "status",
    ]

    /// The paths in a line that look like a health path; a smaller rank is a better one.
    private static func health(in line: Substring) -> [(Int, String)] {
        let code = line.trimmed
        guard !["//", "#", "*", "--"].contains(where: code.hasPrefix), !code.contains("fetch(") else { return [] }
        if code.contains("rails/health#show"), let match = code.firstMatch(of: /get\s+["']\/?([A-Za-z0-9_\/-]+)["']/) {
            return [(0, "/" + match.1)]
        }
        let quoted = code.matches(of: /["'`]\^?(?:GET )?(\/[A-Za-z0-9_.\/-]*)\$?["'`]/).map { String($0.1) }
        // Django's routes have no slash before them, and nginx's locations no quotes.
        let other =
            code.firstMatch(of: /path\(\s*["']((?:[a-z_\/-]+\/)?[a-z_-]+\/?)["']/)
            ?? code.firstMatch(of: /location\s+=?\s*\/([a-z_\/-]+)\s*\{/)
        return (quoted + (other.map { ["/" + $0.1] } ?? [])).compactMap { path in rank(of: path).map { ($0, path) } }
    }

    /// How likely a path tells health, by its last part; nil when it does not.
    private static func rank(of path: String) -> Int? {
        let parts = path.split(separator: "/")
        guard let last = parts.last, parts.count <= 3, let index = paths.firstIndex(of: last.lowercased()) else { return nil }
        // `/orders/status` and `/users/up` are somebody's business.
        let isPlain =
            parts.count == 1 || parts.dropLast().allSatisfy { ["api", "health", "actuator", "internal", "v1"].contains($0) }
        guard isPlain || index < 3 else { return nil }
        return 1 + index + (parts.count - 1) * paths.count
    }

    // MARK: Port

    private static func port(in line: Substring) -> Int? {
        for pattern in patterns {
            if let match = line.firstMatch(of: pattern), let port = valid(match.1) { return port }
        }
        return nil
    }

    private static func valid(_ digits: Substring?) -> Int? {
        digits.flatMap { Int($0) }.flatMap { (1...65535).contains($0) ? $0 : nil }
    }

    /// The default beside `PORT`, in the way of each language, and plain listening.
    private static var patterns: [Regex<(Substring, Substring)>] {
        [
            /process\.env\.PORT\s*(?:\|\||\?\?)\s*["']?(\d{2,5})/,
            /environ(?:\.get)?[(\[]\s*["']PORT["']\s*,\s*["']?(\d{2,5})/,
            /getenv\(\s*["']PORT["']\s*,\s*["']?(\d{2,5})/,
            /\.listen\(\s*(\d{2,5})/,
            /ListenAndServe\(\s*"[^":]*:(\d{2,5})"/,
            /(?:0\.0\.0\.0|\[::\]):(\d{2,5})/,
        ]
    }

    // MARK: Settings

    /// What a file that is no code tells; nil for one that is code.
    private static func settings(in text: String, of path: String) -> (
        port: FoundService.Evidence<Int>?, health: FoundService.Evidence<String>?
    )? {
        let name = Path.name(of: path)
        if name == "pom.xml" || name.hasPrefix("build.gradle") {
            let hasActuator = text.contains("spring-boot-starter-actuator")
            return (nil, hasActuator ? .init(value: "/actuator/health", reason: "Spring Boot's actuator in \(path)") : nil)
        }
        guard let ending = name.split(separator: ".").last,
            ["properties", "yml", "yaml", "toml", "xml", "gradle", "kts"].contains(ending)
        else { return nil }
        guard name.hasPrefix("application") else { return (nil, nil) }
        let match =
            ending == "properties"
            ? text.firstMatch(of: /(?m)^\s*server\.port\s*=\s*(?:\$\{[^:}]*:)?(\d+)/)
            : text.firstMatch(of: /(?m)^server:\s*\n(?:\s+.*\n)*?\s+port:\s*(?:\$\{[^:}]*:)?(\d+)/)
        return (valid(match?.1).map { .init(value: $0, reason: path) }, nil)
    }
}

/// The lines of a file that may tell a port, a health path or a variable.
///
/// They are picked by bytes: patterns are tried on these only, which are few.
private struct TellingLines {
    private(set) var lines: [(number: Int, text: Substring)] = []

    init(of text: String) {
        let bytes = text.utf8
        var number = 1
        var start = bytes.startIndex
        var last: UInt32 = 0
        var isTelling = false
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\n") {
                take(number, text[start..<index], isTelling)
                number += 1
                start = bytes.index(after: index)
                last = 0
                isTelling = false
                continue
            }
            let isCapital = byte &- UInt8(ascii: "A") < 26
            last = last << 8 | UInt32(isCapital ? byte | 0x20 : byte)
            if !isTelling, Self.table[Self.slot(of: last)], Self.marks.contains(last) { isTelling = true }
        }
        take(number, text[start...], isTelling)
    }

    private mutating func take(_ number: Int, _ line: Substring, _ isTelling: Bool) {
        if isTelling, line.utf8.count < 1000 { lines.append((number, line)) }
    }

    /// Four bytes in lower case, of the words that patterns begin with.
    private static let marks = Set(
        [
            "heal", "eady", "adin", "live", "/up\"", "/up'", "/up`", "\"up\"", "'up'", "ping", "tatu", "env.", "env[", "env(",
            "env:",
            "nv_v", "iron", "port", "sten", "0.0.", "[::]",
        ].map { $0.utf8.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } })

    /// Whether a mark has that slot, so that most bytes cost no more than a look here.
    private static let table = marks.reduce(into: [Bool](repeating: false, count: 4096)) { $0[slot(of: $1)] = true }

    private static func slot(of mark: UInt32) -> Int { Int((mark &* 0x9E37_79B1) >> 20) }
}
