import Executors
import Journal
import Pipeline
public import Records

/// What may stand where a shell completes a word: names of the project in the work tree, and of its ledger.
///
/// Asked while somebody types: it is quick, changes nothing, and has no answer where something is missing or wrong.
public struct Completer: Sendable {
    /// A word that fits, and what a shell may show beside it.
    public struct Candidate: Hashable, Sendable {
        /// The word.
        public var word: String
        /// What it is, in a few words; empty when the word says it all.
        public var about: String

        init(word: String, about: String) {
            self.word = word
            self.about = about
        }

        /// A word that can be explained.
        public init(_ explanation: Explanation) {
            self.init(word: explanation.word, about: explanation.sort.rawValue)
        }
    }

    /// Which runs a command has a use for.
    public enum Runs: Sendable {
        /// All of them.
        case all
        /// Those that can still go on.
        case open
        /// Those that wait for a person.
        case waiting
        /// Those of which something can be made again.
        case failed

        func contains(_ run: RunSummary) -> Bool {
            switch self {
            case .all: true
            case .open: run.status.isOpen
            case .waiting: !run.waiting.isEmpty
            case .failed: run.status == .failed || run.status == .indeterminate
            }
        }
    }

    /// How many runs and releases are offered, and how many are looked at for them.
    private static let most = 30
    private static let mostSeen = 100

    let workspace: Workspace
    /// The words of the command line but for the one that is completed.
    let words: [String]
    /// What is typed of that so far.
    let prefix: String
    private let openLedger: @Sendable () async -> Ledger?

    /// Completes a word of a command line.
    ///
    /// - Parameters:
    ///   - workspace: the repository that the command would work in.
    ///   - words: the command line, as it was typed.
    ///   - index: which of them is completed.
    ///   - openLedger: opens the ledger where there is one; not asked when the files of the work tree are enough.
    public init(_ workspace: Workspace, words: [String], at index: Int, openLedger: @escaping @Sendable () async -> Ledger?) {
        self.workspace = workspace
        prefix = words.indices.contains(index) ? Self.unquoted(words[index]) : ""
        self.words = words.indices.filter { $0 != index }.map { Self.unquoted(words[$0]) }
        self.openLedger = openLedger
    }

    /// What `find` finds while somebody who pressed a key waits; nothing when that takes longer, as where a ledger does not answer.
    public func patiently(_ find: @escaping @Sendable (Completer) async -> [Candidate]) async -> [Candidate] {
        await within(.seconds(1)) { await find(self) } ?? []
    }

    /// The project's environments.
    public func environments() -> [Candidate] {
        project?.environments.sorted { $0.key < $1.key }.map { Candidate(word: $0.key.text, about: $0.value.target.summary) }
            ?? []
    }

    /// The project's services.
    public func services() -> [Candidate] {
        project?.services.sorted { $0.key < $1.key }.map { name, service in
            Candidate(word: name.text, about: service.port.map { "port \($0)" } ?? "")
        } ?? []
    }

    /// The project's pipelines.
    public func pipelines() -> [Candidate] {
        let standard = project?.pipeline.text
        return pipelineNames.map { Candidate(word: $0, about: $0 == standard ? "the project's own" : "") }
    }

    /// The runs that a command has a use for, newest first.
    public func runs(_ wanted: Runs) async -> [Candidate] {
        guard let ledger = await openLedger() else { return [] }
        // Names with this prefix stand together, just before the first name after all of them.
        let before = prefix.isEmpty ? nil : prefix + "~"
        let found =
            if case .waiting = wanted {
                try? await ledger.waitingRuns(limit: Self.mostSeen)
            } else {
                try? await ledger.runs(before: before, limit: Self.mostSeen)
            }
        await ledger.store.close()
        return (found ?? []).filter { $0.id.hasPrefix(prefix) && wanted.contains($0) }.prefix(Self.most).map { run in
            let trouble = run.failed.map { " at \($0)" } ?? ""
            return Candidate(
                word: run.id,
                about: "\(run.status.rawValue)\(trouble), \(run.pipeline) of \(run.commit.prefix(12)): \(run.reason)")
        }
    }

    /// The stages of the run that the command line names, else of the pipeline that it names, else of all pipelines.
    public func stages() async -> [Candidate] {
        if let run = await namedRun() {
            return zip(run.plan.stages, run.states).map { Candidate(word: $0.name.text, about: $1.word) }
        }
        let named = pipelineNames.filter { words.contains($0) }
        var seen: Set<String> = []
        return (named.isEmpty ? pipelineNames : named).flatMap { plan(of: $0)?.stages ?? [] }.compactMap { stage in
            seen.insert(stage.name.text).inserted ? Candidate(word: stage.name.text, about: stage.kind.value.summary) : nil
        }
    }

    /// The commits of the good releases of the environment that the command line names, newest first.
    public func releases() async -> [Candidate] {
        let names = project?.environments.keys.filter { words.contains($0.text) } ?? []
        guard let environment = names.first, let ledger = await openLedger() else { return [] }
        let found: [EnvironmentState.Entry]? =
            if let record = try? await ledger.environment(environment) {
                try? await ledger.releases(of: record, limit: Self.mostSeen)
            } else {
                nil
            }
        await ledger.store.close()
        return (found ?? []).filter { $0.isGood == true }.prefix(Self.most).map { entry in
            Candidate(
                word: String(entry.release.source.commit.prefix(12)), about: "release \(entry.release.id), by \(entry.release.by)"
            )
        }
    }

    /// A word without the quotes that it was typed with, or that fish puts for nothing: no name has any.
    private static func unquoted(_ word: String) -> String { word.filter { !#"'"\"#.contains($0) } }

    private func namedRun() async -> Run? {
        // An id of ten digits or the beginning of one; anything else is not looked for.
        let ids = words.dropFirst().filter { word in
            (3...10).contains(word.utf8.count) && word.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
                && word.contains(where: \.isNumber)
        }
        guard !ids.isEmpty, let ledger = await openLedger() else { return nil }
        var found: Run?
        for id in ids where found == nil {
            if let whole = try? await ledger.resolve(id) { found = (try? await ledger.run(whole))?.run }
        }
        await ledger.store.close()
        return found
    }

    private var project: Project? {
        content(Workspace.projectFile).flatMap { try? Project(parsing: $0, file: Workspace.projectFile) }
    }

    private var pipelineNames: [String] {
        Workspace.pipelineFiles(beside: Workspace.projectFile, in: workspace.root).compactMap { file in
            file.split(separator: "/").last?.split(separator: ".").first.map(String.init)
        }
    }

    private func plan(of pipeline: String) -> Plan? {
        let path = "\(Workspace.pipelines)/\(pipeline).yml"
        guard let project = content(Workspace.projectFile), let definition = content(path), let name = PipelineName(pipeline)
        else {
            return nil
        }
        return try? Planner.plan(
            project: .init(name: Workspace.projectFile, content: project), pipeline: .init(name: path, content: definition),
            named: name, source: Source(commit: "", dirty: "work tree"))
    }

    private func content(_ path: String) -> [UInt8]? {
        (try? Workspace.read(path, in: workspace.root)) ?? nil
    }
}
