public import Git
import HTTP
public import Pipeline
public import Records
public import Journal

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
    let progress: @Sendable (Progress) -> Void

    /// A session in `workspace` on the ledger in `store`.
    public init(workspace: Workspace, store: any Store, world: World, progress: @escaping @Sendable (Progress) -> Void = { _ in }) {
        self.workspace = workspace
        self.world = world
        self.progress = progress
        ledger = Ledger(store)
        vault = Vault(variables: world.variables, root: workspace.root)
        children = Children()
        tools = Tools(world: world, workspace: workspace, vault: vault, ledger: ledger, http: HTTPClient(), children: children)
    }

    /// Where the output of stages is kept.
    var logFolder: String { "\(workspace.stateFolder)/logs" }

    var conductor: Conductor {
        Conductor(tools: tools, logFolder: logFolder, progress: progress)
    }

    /// The commit that a command is about, after proving that the work tree has nothing the commit has not.
    ///
    /// - Parameters:
    ///   - revision: what the user named; nil for what is checked out.
    ///   - allowDirty: take uncommitted changes along, under a tag that can never be taken for the commit's.
    public func source(_ revision: String?, allowDirty: Bool) throws(Refusal) -> Source {
        do throws(GitError) {
            let head = try workspace.repository.head
            guard let revision else {
                let changes = try workspace.repository.changes(limit: 6)
                if changes.isEmpty { return Source(commit: head.commit.description) }
                guard allowDirty else {
                    let listed = changes.prefix(5).map(\.path).joined(separator: ", ") + (changes.count > 5 ? ", …" : "")
                    throw Refusal(
                        .badInput, "The work tree has uncommitted changes: \(listed).",
                        remedy: "Commit them, or add --allow-dirty to try them under a tag that can never be taken for the commit.")
                }
                return Source(commit: head.commit.description, dirty: try workspace.repository.worktreeHash())
            }
            return Source(commit: try workspace.repository.resolve(revision).description)
        } catch let error as GitError {
            throw Refusal(.badInput, error.description)
        } catch let error as Refusal {
            throw error
        }
    }

    /// The plan of a pipeline for a source, checked.
    public func plan(_ pipeline: String?, source: Source) throws(Refusal) -> Plan {
        let project = Planner.File(name: Workspace.projectFile, content: try file(Workspace.projectFile, at: source))
        let name = try pipeline.map { text throws(Refusal) in try self.pipelineName(text) } ?? defaultPipeline(in: project)
        let path = "\(Workspace.pipelines)/\(name).yml"
        let definition = Planner.File(name: path, content: try file(path, at: source))
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
    public func project(at source: Source) throws(Refusal) -> Project {
        do throws(DefinitionError) {
            let project = try Project(parsing: try file(Workspace.projectFile, at: source), file: Workspace.projectFile)
            vault.learn(from: project)
            return project
        } catch let error as DefinitionError {
            throw Refusal(.badInput, "The project cannot be read.", diagnostics: error.diagnostics)
        } catch let error as Refusal {
            throw error
        }
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
        do throws(DefinitionError) {
            return try Project(parsing: project.content, file: project.name).pipeline
        } catch {
            throw Refusal(.badInput, "The project cannot be read.", diagnostics: error.diagnostics)
        }
    }

    private func file(_ path: String, at source: Source) throws(Refusal) -> [UInt8] {
        do throws(GitError) {
            if let content = try workspace.content(path, at: source) { return content }
        } catch {
            throw Refusal(.badInput, error.description)
        }
        throw Refusal(
            .badInput, "\(path) is not there at \(source.commit.prefix(12)).", remedy: "Write it and commit it; docs/concepts.md shows how.")
    }

    func ledger<Answer>(_ body: () async throws(LedgerError) -> Answer) async throws(Refusal) -> Answer {
        do throws(LedgerError) {
            return try await body()
        } catch {
            throw Refusal(error)
        }
    }
}
