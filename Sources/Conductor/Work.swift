import HTTP
import Pipeline
import Processes
import Records
import Registry

/// What a performer is given: the plan, its attempt, its log, and the tools.
struct Work: Sendable {
    /// The run.
    let run: RunID
    /// The plan the stage belongs to.
    let plan: Plan
    /// The stage.
    let stage: StageName
    /// The attempt's number, from 1.
    let attempt: Int
    /// The idempotency key that its effects carry.
    let key: String
    /// How long the attempt may take.
    let deadline: TimeSpan
    /// The uptime at which its time is over.
    let end: Int64
    /// Where the stage's output goes: redacted, bounded, kept.
    let log: StageLog
    /// The tools.
    let tools: Tools
    /// Told of each program that works for the attempt.
    let launched: @Sendable (Launch) -> Void

    var project: Project { plan.project }

    /// The environment, which the checker has proven to be there.
    func environment(_ name: EnvironmentName) throws(StageFailure) -> Environment {
        guard let environment = project.environments[name] else {
            throw StageFailure("unknown-environment", "The plan has no environment '\(name)'.")
        }
        return environment
    }

    /// Asks the ledger; that it does not answer is a failure that may pass.
    func ledger<Answer>(
        _ body: (Ledger) async throws(LedgerError) -> Answer
    ) async throws(StageFailure) -> Answer {
        do throws(LedgerError) {
            return try await body(tools.ledger)
        } catch {
            throw StageFailure(ledger: error)
        }
    }
}

/// The effects that performers have, wired in one place.
struct Tools: Sendable {
    let world: World
    let workspace: Workspace
    let vault: Vault
    let ledger: Ledger
    let http: HTTPClient
    let children: Children

    /// The variables a child gets: shipit's own without those that the project reads secrets from, and `additions`.
    func variables(for project: Project, adding additions: [String: String] = [:]) -> [String: String] {
        var variables = world.variables
        for name in project.secretVariables { variables[name] = nil }
        return variables.merging(additions) { _, new in new }
    }
}

extension Project {
    /// Every reference to a secret, wherever it stands.
    var references: [SecretReference] {
        let values = environments.values.flatMap { environment in
            Array(environment.values.values) + (environment.database.map { [$0.url] } ?? [])
                + environment.checks.flatMap(\.headers.values)
        }
        let others = (credentials.map { [$0.password] } ?? []) + (notifications ?? []).flatMap(\.channel.values)
        return (values + others).flatMap(\.references)
    }

    /// The variables that secrets are read from: they are kept from children that did not ask for them.
    var secretVariables: Set<String> {
        Set(references.compactMap { if case .environment(let name) = $0 { name } else { nil } })
    }
}
