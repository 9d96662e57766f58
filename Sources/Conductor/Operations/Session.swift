import Executors
import Git
import HTTP
public import Journal
public import Pipeline
public import Records

/// One command's work: a repository, a ledger, and the tools, wired in one place.
public struct Session: Sendable {
    /// The repository.
    public let workspace: Workspace
    /// The journals.
    public let ledger: Ledger
    /// Who and when.
    public let world: World
    /// What keeps secrets out of everything shown.
    public let vault: Vault
    /// The programs that run for us.
    public let children: Children
    let tools: Tools
    let isLedgerShared: Bool
    let progress: @Sendable (Progress) -> Void

    /// A session in `workspace` on the ledger in `store`; `isLedgerShared` says whether other machines reach it.
    ///
    /// The vault is made before the ledger is opened, which may be by secrets that are got then.
    public init(
        workspace: Workspace, store: any Store, world: World, vault: Vault, isLedgerShared: Bool,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.workspace = workspace
        self.world = world
        self.isLedgerShared = isLedgerShared
        self.progress = progress
        ledger = Ledger(store)
        self.vault = vault
        children = Children()
        tools = Tools(world: world, workspace: workspace, vault: vault, ledger: ledger, http: HTTPClient(), children: children)
    }

    /// Where the output of stages is kept.
    var logFolder: String { "\(workspace.stateFolder)/logs" }

    /// An engine whose drives are told to whoever watches, and to those whom the project names; what stages print is handed to `carrier`.
    func engine(telling courier: Courier, carrier: LogCarrier?) -> Engine {
        let progress = progress
        let effects = StageEffects(tools: tools, logFolder: logFolder, carrier: carrier, progress: progress)
        return Engine(world: world, ledger: ledger, effects: effects, executor: TaskQueue(label: "conductor.drive")) {
            courier.take($0)
            progress($0)
        }
    }

    /// The effects for who only looks.
    var effects: StageEffects { StageEffects(tools: tools, logFolder: logFolder, carrier: nil, progress: progress) }

    /// The commit that a command is about, after proving that the work tree has nothing the commit has not.
    ///
    /// - Parameters:
    ///   - revision: what the user named; nil for what is checked out.
    ///   - allowDirty: take uncommitted changes along, under a tag that can never be taken for the commit's.
    public func source(_ revision: String?, allowDirty: Bool) async throws(Refusal) -> Source {
        let changes: [Git.Change]
        do throws(GitError) {
            let repository = try workspace.repository
            if let revision { return Source(commit: try await repository.resolve(revision).hex) }
            let head = try await repository.head
            changes = try await repository.changes()
            if changes.isEmpty { return Source(commit: head.commit.hex) }
            if allowDirty { return Source(commit: head.commit.hex, dirty: try await repository.worktreeContentHash()) }
        } catch {
            throw Refusal(.badInput, error.description)
        }
        throw Refusal(
            .badInput, "The work tree has uncommitted changes: \(changes.map(\.path).named(atMost: 5)).",
            remedy: "Commit them, or add --allow-dirty to try them under a tag that can never be taken for the commit.")
    }

    /// The files as they are in the work tree, for commands that only look at the project.
    public var workTree: Source { Source(commit: "", dirty: "work tree") }

    /// The plan of a pipeline for a source, checked.
    public func plan(_ pipeline: String?, source: Source) async throws(Refusal) -> Plan {
        let project = Planner.File(name: Workspace.projectFile, content: try await file(Workspace.projectFile, at: source))
        let name = if let pipeline { try pipelineName(pipeline) } else { try defaultPipeline(in: project) }
        let path = "\(Workspace.pipelines)/\(name).yml"
        let definition = Planner.File(name: path, content: try await file(path, at: source))
        do throws(DefinitionError) {
            let plan = try Planner.plan(project: project, pipeline: definition, named: name, source: source)
            vault.learn(from: plan.project)
            return plan
        } catch {
            throw Refusal(
                .badInput, "The definition has \(error.diagnostics.count) mistake\(error.diagnostics.count == 1 ? "" : "s").",
                diagnostics: error.diagnostics)
        }
    }

    /// The project as it stands at a source.
    public func project(at source: Source) async throws(Refusal) -> Project {
        let project = try read(
            Planner.File(name: Workspace.projectFile, content: try await file(Workspace.projectFile, at: source)))
        vault.learn(from: project)
        return project
    }

    /// The environment a command names, as the project at the checked-out commit declares it.
    public func environment(_ text: String, in project: Project) throws(Refusal) -> EnvironmentName {
        guard let name = EnvironmentName(text), project.environments[name] != nil else {
            let known = project.environments.keys.sorted().map(\.text).joined(separator: ", ")
            throw Refusal(.badInput, "There is no environment '\(text)'.", remedy: "There are: \(known).")
        }
        return name
    }

    private func pipelineName(_ text: String) throws(Refusal) -> PipelineName {
        guard let name = PipelineName(text) else { throw Refusal(.badInput, "'\(text)' cannot be the name of a pipeline.") }
        return name
    }

    private func defaultPipeline(in project: Planner.File) throws(Refusal) -> PipelineName {
        try read(project).pipeline
    }

    private func read(_ project: Planner.File) throws(Refusal) -> Project {
        do throws(DefinitionError) {
            return try Project(parsing: project.content, file: project.name)
        } catch {
            throw Refusal(.badInput, "The project cannot be read.", diagnostics: error.diagnostics)
        }
    }

    private func file(_ path: String, at source: Source) async throws(Refusal) -> [UInt8] {
        if let content = try await workspace.content(path, at: source) { return content }
        throw Refusal(
            .badInput, "\(path) is not there at \(source.commit.prefix(12)).",
            remedy: "Write it and commit it; docs/concepts.md shows how.")
    }

    func ledger<Answer>(_ body: () async throws(LedgerError) -> Answer) async throws(Refusal) -> Answer {
        do throws(LedgerError) {
            return try await body()
        } catch {
            throw Refusal(error)
        }
    }
}
