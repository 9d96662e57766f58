/// Which Dockerfiles of a repository make what is shipped, and which do something else.
struct DockerfileSearch {
    /// An image that a Dockerfile makes.
    struct Candidate {
        var dockerfile: Dockerfile
        /// The stage's number.
        var stage: Int
        /// The stage's name when it must be named.
        var target: String?
        /// What the file's own name says that the image is called.
        var nickname: String?

        var folder: String { Path.folder(of: dockerfile.path) }
        /// The stage with all that it is built on.
        var image: Dockerfile.Stage { dockerfile.whole(stage) }
    }

    /// A Dockerfile or a stage of one that is not shipped.
    struct LeftOut {
        var what: String
        var reason: String
    }

    private(set) var candidates: [Candidate] = []
    private(set) var leftOut: [LeftOut] = []

    init(_ tree: FileTree) {
        var files: [(path: String, nickname: String?)] = []
        for path in tree.paths {
            guard let nickname = Self.nickname(of: Path.name(of: path)), !Self.isForeign(path) else { continue }
            if let folder = Path.parts(of: Path.folder(of: path)).first(where: Self.auxiliaryFolders.contains) {
                leftOut.append(LeftOut(what: path, reason: "it is in a folder '\(folder)'"))
            } else if let word = Self.auxiliaryWord(in: nickname) {
                leftOut.append(LeftOut(what: path, reason: "'\(word)' is not for production"))
            } else {
                files.append((path, nickname.isEmpty || Self.finalWords.contains(nickname) ? nil : nickname))
            }
        }
        // `Dockerfile` beside `Dockerfile.prod` is for development.
        let finals = Set(files.filter { Self.finalWords.contains(Self.nickname(of: Path.name(of: $0.path)) ?? "") }.map(\.path))
        for (path, nickname) in files {
            let rival = finals.first { $0 != path && Path.folder(of: $0) == Path.folder(of: path) }
            if nickname == nil, !finals.contains(path), let rival {
                leftOut.append(LeftOut(what: path, reason: "\(Path.name(of: rival)) beside it is for production"))
            } else if let text = tree.text(path) {
                take(Dockerfile(text, path: path), nickname: nickname)
            }
        }
    }

    /// The images of one file: the last stage, and every other that nothing is built on and that runs something.
    private mutating func take(_ dockerfile: Dockerfile, nickname: String?) {
        guard let last = dockerfile.stages.indices.last else {
            leftOut.append(LeftOut(what: dockerfile.path, reason: "it has no FROM"))
            return
        }
        let used = Set(dockerfile.stages.flatMap { Array($0.origins) + [$0.base] }.compactMap(dockerfile.number(of:)))
        var found: [Candidate] = []
        var aside: [LeftOut] = []
        for number in dockerfile.stages.indices where number == last || !used.contains(number) {
            let name = dockerfile.stages[number].name
            let runs = !dockerfile.whole(number).commands.isEmpty
            if let name, let word = Self.auxiliaryWord(in: name) {
                aside.append(LeftOut(what: "\(dockerfile.path), target \(name)", reason: "'\(word)' is not for production"))
            } else if number == last || (name != nil && runs) {
                found.append(Candidate(dockerfile: dockerfile, stage: number, target: name, nickname: nickname))
            }
        }
        if found.isEmpty {
            found = [Candidate(dockerfile: dockerfile, stage: last, target: nil, nickname: nickname)]
            aside.removeAll { $0.what == "\(dockerfile.path), target \(dockerfile.stages[last].name ?? "")" }
        }
        if found.count == 1 {
            if found[0].stage == last { found[0].target = nil }
        } else {
            for index in found.indices {
                guard let target = found[index].target, !Self.finalWords.contains(target) else { continue }
                found[index].nickname = target
            }
        }
        candidates += found
        leftOut += aside
    }

    // MARK: Names

    /// What a Dockerfile's name says beside that it is one: `Dockerfile` nothing, `Dockerfile.api` and `api.Dockerfile` `api`; nil for
    /// another file.
    private static func nickname(of file: String) -> String? {
        let words = file.lowercased().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let place = words.firstIndex(where: { $0 == "dockerfile" || $0 == "containerfile" }) else { return nil }
        guard words.count > 1 else { return "" }
        let others = words[..<place] + words[(place + 1)...]
        guard others.count == 1, let other = others.first, !other.isEmpty, !noDockerfiles.contains(other) else { return nil }
        return other
    }

    /// Endings of files that are about a Dockerfile, or become one.
    private static let noDockerfiles: Set = [
        "dockerignore", "md", "txt", "in", "j2", "jinja", "jinja2", "tmpl", "tpl", "template", "erb", "bak", "orig", "example",
        "sample", "dist", "swp", "go", "js", "ts", "py", "rb", "rs", "java", "cs", "php", "yml", "yaml", "json", "sh", "html",
        "snap",
    ]

    /// Others' code, and what no one ships.
    static func isForeign(_ path: String) -> Bool {
        Path.parts(of: Path.folder(of: path)).contains { foreignFolders.contains($0) }
    }

    private static let foreignFolders: Set = [
        ".git", "node_modules", "bower_components", "vendor", "third_party", "third-party", ".venv", "venv", "site-packages",
        ".devcontainer", ".terraform", "Pods", ".cargo", ".gradle", ".build", ".next", "__pycache__",
    ]

    private static let auxiliaryFolders: Set = [
        "test", "tests", "testdata", "test-data", "fixtures", "__tests__", "spec", "e2e", "example", "examples", "sample",
        "samples",
        "demo", "demos", "docs", "doc", "benchmark", "benchmarks", "bench", "templates", "template", ".github", ".gitlab",
        ".circleci",
        ".buildkite", "ci", "hack",
    ]

    /// Folders that say nothing of what is in them.
    static let plainFolders: Set = [
        "docker", "build", "builds", "package", "packaging", "deploy", "deployment", "deployments", "container", "containers",
        "images",
        "image", "dockerfiles", "infra", "ops", "etc", "config", "src", "main", "production", "prod",
    ]

    private static let finalWords: Set = ["prod", "production", "release", "runtime", "final", "runner", "run", "app"]

    /// The word of a name that says it is for something else than production; nil when there is none.
    private static func auxiliaryWord(in name: String) -> String? {
        name.split { $0 == "-" || $0 == "_" || $0 == "." }.map(String.init).first(where: auxiliaryWords.contains)
    }

    private static let auxiliaryWords: Set = [
        "dev", "develop", "development", "local", "test", "tests", "testing", "lint", "linter", "builder", "build", "base",
        "deps",
        "dependencies", "debug", "debugger", "ci", "check", "checks", "docs", "migrate", "migrations", "e2e", "cache",
        "devcontainer",
        "bench", "benchmark", "old", "tmp",
    ]
}
