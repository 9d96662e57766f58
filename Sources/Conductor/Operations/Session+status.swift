public import Journal
public import Pipeline
import Records

/// Where everything stands.
public struct ProjectStatus: Sendable, Codable {
    /// An environment, and who is changing it now.
    public struct EnvironmentStatus: Sendable, Codable {
        /// The environment.
        public var environment: EnvironmentView
        /// Who is changing it, since when, and for what.
        public var lease: Lease?
    }

    /// The environments that were asked about.
    public var environments: [EnvironmentStatus]
    /// What waits for a person.
    public var approvals: [ApprovalView]
    /// The latest runs.
    public var runs: [RunSummary]
}

extension Session {
    /// Where the environments stand, what waits, and the latest runs.
    public func status(of names: [EnvironmentName]) async throws(Refusal) -> ProjectStatus {
        var environments: [ProjectStatus.EnvironmentStatus] = []
        for name in names {
            environments.append(.init(environment: try await view(of: name), lease: try await lease(on: name)))
        }
        let wanted = Set(names)
        return ProjectStatus(
            environments: environments, approvals: try await approvals().filter { wanted.contains($0.environment) },
            runs: try await runs(limit: 5))
    }

    /// What an environment runs, and whether it is held.
    public func view(of environment: EnvironmentName) async throws(Refusal) -> EnvironmentView {
        try await ledger { () async throws(LedgerError) in
            let record = try await ledger.environment(environment)
            return EnvironmentView(environment, record.state, lastGood: try await ledger.lastGood(of: record))
        }
    }

    /// The runs, newest first.
    public func runs(limit: Int) async throws(Refusal) -> [RunSummary] {
        try await ledger { () async throws(LedgerError) in try await ledger.runs(limit: limit) }
    }

    /// The environments that the project declares now, in the work tree.
    public func declaredEnvironments() async throws(Refusal) -> [EnvironmentName] {
        try await project(at: workTree).environments.keys.sorted()
    }

    /// One of them, by name.
    public func declaredEnvironment(_ text: String) async throws(Refusal) -> EnvironmentName {
        try environment(text, in: try await project(at: workTree))
    }

    /// Gives everything back.
    public func close() async {
        await ledger.store.close()
    }
}

extension Plan {
    /// The stage of this name.
    public func requireStage(_ text: String) throws(Refusal) -> StageName {
        guard let name = StageName(text), stage(name) != nil else {
            throw Refusal(
                .badInput, "Pipeline \(pipeline) has no stage '\(text)'.",
                remedy: "It has: \(stages.prefix(30).map(\.name.text).joined(separator: ", ")).")
        }
        return name
    }
}
