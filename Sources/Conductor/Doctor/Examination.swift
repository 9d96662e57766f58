import Git
import Journal
import Pipeline
import Stores

/// What a project needs on this machine, and whether it is there.
public struct Examination: Sendable, Encodable {
    /// What was looked at, in the order in which it is needed.
    public var findings: [Finding]

    /// Whether nothing is missing.
    public var isReady: Bool { !findings.contains { $0.verdict == .missing } }

    private typealias Probe = @Sendable () async -> Finding

    /// Looks at what the project around a folder needs; outside of one, at the programs alone.
    ///
    /// Everything is asked at once.
    ///
    /// - Parameters:
    ///   - path: a folder.
    ///   - world: who and where we are.
    ///   - keepOut: told of the vault before any secret is read.
    public static func around(_ path: String, in world: World, keepOut: (Vault) -> Void) async -> Examination {
        let programs = ProgramProbe(variables: world.variables)
        let workspace: Workspace
        do throws(GitError) {
            workspace = try Workspace(around: path)
        } catch {
            let outside = Finding("repository", .doubtful, error.description, remedy: "Programs only were looked at.")
            return await Examination(findings: asked(Self.all(programs)) + [outside])
        }
        let vault = Vault(for: workspace, in: world)
        keepOut(vault)
        let session = Session(workspace: workspace, store: ClosedStore(), world: world, vault: vault, isLedgerShared: false)
        let plan: Plan
        do throws(Refusal) {
            plan = try await session.plan(nil, source: session.workTree)
        } catch {
            return await Examination(findings: asked(Self.all(programs)) + [Self.unplanned(error, workspace)])
        }
        let probe = ProjectProbe(work: session.effects.work(for: plan))
        var probes = Self.programs(programs, for: plan)
        probes.append(("commit", { await Self.commit(of: workspace) }))
        if !plan.project.services.isEmpty { probes.append(("registry", { await probe.registry() })) }
        for (name, environment) in inOrder(plan) {
            let references =
                environment.values.values.flatMap(\.references)
                + environment.checks.flatMap(\.headers.values).flatMap(\.references)
            if !references.isEmpty { probes.append(("values of \(name)", { await probe.secrets(of: name, environment) })) }
            if let database = environment.database {
                probes.append(("database of \(name)", { await probe.database(database, of: name) }))
            }
            guard case .helm(let target) = environment.target else { continue }
            for cluster in target.clusters {
                probes.append(("cluster \(cluster.context) of \(name)", { await probe.cluster(cluster, target, of: name) }))
            }
        }
        if plan.project.notifications != nil { probes.append(("notifications", { await probe.notifications() })) }
        probes.append(("ledger", { await Self.ledger(of: session) }))
        return await Examination(findings: asked(probes))
    }

    /// The environments as the pipeline comes to them; one that it leaves out is not asked about.
    private static func inOrder(_ plan: Plan) -> [(EnvironmentName, Environment)] {
        plan.stages.compactMap { stage in
            (stage.kind.value as? Deploy).flatMap { deploy in plan.project.environments[deploy.target].map { (deploy.target, $0) }
            }
        }
    }

    private static func asked(_ probes: [(subject: String, ask: Probe)]) async -> [Finding] {
        await withTaskGroup(of: (Int, Finding).self) { group in
            for (index, probe) in probes.enumerated() {
                group.addTask { (index, await Finding.of(probe.subject, probe.ask)) }
            }
            var findings: [(Int, Finding)] = []
            for await found in group { findings.append(found) }
            return findings.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    // MARK: What is needed

    /// The programs of every sort of target; what only one sort needs is not missed yet.
    private static func all(_ programs: ProgramProbe) -> [(subject: String, ask: Probe)] {
        let needed: [(String, Probe)] = [
            ("git", programs.git), ("docker", programs.docker), ("BuildKit", programs.buildKit), ("compose", programs.compose),
        ]
        let helm: [(String, Probe)] = [("helm", programs.helm), ("kubectl", programs.kubectl)]
        return needed
            + helm.map { subject, ask in
                (
                    subject,
                    {
                        var finding = await ask()
                        guard finding.verdict == .missing else { return finding }
                        finding.verdict = .doubtful
                        finding.message += " Only environments with a helm target need it."
                        return finding
                    }
                )
            }
    }

    private static func programs(_ programs: ProgramProbe, for plan: Plan) -> [(subject: String, ask: Probe)] {
        let targets = plan.project.environments.values.map(\.target)
        let usesHelm = targets.contains { if case .helm = $0 { true } else { false } }
        let usesCompose = targets.contains { if case .compose = $0 { true } else { false } }
        let builds = !plan.project.services.isEmpty
        var needed: [(String, Probe)] = [("git", programs.git)]
        if builds || usesCompose { needed.append(("docker", programs.docker)) }
        if builds { needed.append(("BuildKit", programs.buildKit)) }
        if usesCompose { needed.append(("compose", programs.compose)) }
        if usesHelm { needed += [("helm", programs.helm), ("kubectl", programs.kubectl)] }
        return needed
    }

    private static func unplanned(_ refusal: Refusal, _ workspace: Workspace) -> Finding {
        let mistakes = refusal.diagnostics.count
        if mistakes > 0 {
            return Finding("project", .missing, refusal.message, remedy: "shipit check")
        }
        let isBegun = (try? Workspace.read(Workspace.projectFile, in: workspace.root)) != nil
        return isBegun
            ? Finding("project", .missing, refusal.message, remedy: refusal.remedy)
            : Finding(
                "project", .missing, "There is no \(Workspace.projectFile) in \(workspace.root).",
                remedy: "Begin one: shipit init")
    }

    /// Whether the project is committed, since only what is committed is deployed.
    private static func commit(of workspace: Workspace) async -> Finding {
        do throws(GitError) {
            let head = try await workspace.repository.head
            let changes = try await workspace.repository.changes()
            let short = head.commit.hex.prefix(12)
            guard changes.isEmpty else {
                let named = changes.map(\.path).named(atMost: 3)
                return Finding(
                    "commit", .doubtful, "\(short), and changes that are not committed: \(named)",
                    remedy: "Commit them before a deploy.")
            }
            return Finding("commit", .fine, "\(short)" + (head.branch.map { " on \($0)" } ?? ""))
        } catch {
            return Finding("commit", .missing, error.description)
        }
    }

    private static func ledger(of session: Session) async -> Finding {
        do throws(StoreError) {
            let variables = session.world.variables
            let place = variables["SHIPIT_STATE"] ?? "\(session.workspace.stateFolder)/state.db"
            return await LedgerProbe(location: try StateLocation(parsing: place), variables: variables, vault: session.vault)
                .finding()
        } catch {
            return Finding("ledger", .missing, error.message)
        }
    }
}
