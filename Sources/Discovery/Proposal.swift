/// What `init` would write into a repository, and what it was led by.
public struct Proposal: Hashable, Sendable, Encodable {
    /// A file.
    public struct File: Hashable, Sendable, Encodable {
        /// Relative to the repository's root.
        public var path: String
        /// Its text.
        public var content: String
    }

    /// A service as it was found.
    public struct Service: Hashable, Sendable, Encodable {
        /// Its name.
        public var name: String
        /// The Dockerfile.
        public var dockerfile: String
        /// The Dockerfile's target; nil for the last one.
        public var target: String?
        /// The build context.
        public var context: String
        /// The port it listens on; nil when nothing tells it.
        public var port: Int?
        /// The path that tells whether it is well; nil when nothing tells it.
        public var health: String?
    }

    /// Something that was found or guessed, and by what.
    public struct Guess: Hashable, Sendable, Encodable {
        /// What: `registry`, `api port`.
        public var subject: String
        /// The answer.
        public var value: String
        /// What led to it.
        public var reason: String
    }

    /// The project's name.
    public var project: String
    /// The services, by their Dockerfiles' places.
    public var services: [Service]
    /// The files.
    public var files: [File]
    /// What they say, and why.
    public var guesses: [Guess]
    /// What a person should look at, as sentences.
    public var notes: [String]
}

/// There is nothing to ship.
public struct NothingFound: Error, Hashable, Sendable {
    /// The Dockerfiles that are no service's, each with the reason.
    public var leftOut: [String]
}

extension Proposal {
    /// Where the project is described.
    public static let projectFile = "pipelines/project.yml"
    /// Where the pipeline is described.
    public static let pipelineFile = "pipelines/release.yml"
    /// Where a compose file of ours goes.
    private static let composeFiles = ["deploy/compose.yaml", "deploy/shipit.compose.yaml"]

    /// What a repository would get.
    ///
    /// A repository that has just these files already gets the same again.
    public init(for tree: FileTree, _ facts: RepositoryFacts) throws(NothingFound) {
        for target in Self.composeFiles {
            let bare = try Proposal(looking: tree.without([Self.projectFile, Self.pipelineFile, target]), facts, target: target)
            let isWritten = bare.files.contains { $0.path == target }
            if isWritten, bare.files.allSatisfy({ tree.text($0.path) == $0.content }) {
                self = bare
                return
            }
        }
        let free = Self.composeFiles.first { !tree.contains($0) } ?? Self.composeFiles[1]
        self = try Proposal(looking: tree, facts, target: free)
    }

    private init(looking tree: FileTree, _ facts: RepositoryFacts, target composePath: String) throws(NothingFound) {
        let search = DockerfileSearch(tree)
        let leftOut = search.leftOut.map { "\($0.what): \($0.reason)" }
        guard !search.candidates.isEmpty else { throw NothingFound(leftOut: leftOut) }
        let composes = ComposeFile.all(in: tree)
        let source = composes.first { file in file.services.contains { $0.build != nil } } ?? composes.first
        let services = ServiceSearch(tree: tree, facts: facts, compose: source).services(search.candidates)
        let migrations = MigrationSearch(tree)
        let charts = ChartSearch(tree)
        let name = ProjectName.label(facts.name, atMost: 40) ?? "app"

        var draft = ProjectDraft(name: name, facts: facts, services: services)
        draft.takeMigrations(migrations, compose: source)
        let fitting = ComposePlan(existing: composes, for: services)
        if let chart = charts.chart { draft.chart = chart }
        draft.compose =
            fitting
            ?? (charts.chart == nil
                ? ComposePlan(
                    writing: composePath, project: name, services, from: source, hasDatabase: draft.migrations != nil) : nil)

        project = name
        self.services = services.map { service in
            Service(
                name: service.name, dockerfile: service.dockerfile, target: service.candidate.target,
                context: service.context.value,
                port: service.port?.value, health: service.health?.value)
        }
        files = [
            File(path: Self.projectFile, content: draft.projectText), File(path: Self.pipelineFile, content: draft.pipelineText),
        ]
        if let compose = draft.compose, let text = compose.text { files.append(File(path: compose.path, content: text)) }
        guesses = draft.guesses
        notes = draft.notes + search.leftOut.map { "\($0.what) is left out: \($0.reason)." }
        notes += charts.others.map { "The chart \($0) is not used: an environment has one target." }
        if tree.contains(".gitmodules") {
            notes.append("There are submodules: images are built from the commit without what is in them.")
        }
        if tree.text(".gitattributes")?.contains("filter=lfs") ?? false {
            notes.append("Some files are in Git LFS: images are built from the commit, which has only pointers to them.")
        }
    }
}
