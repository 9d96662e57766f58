import Journal
import Pipeline
import Records

/// Views of journals, folded again only when a journal has grown: many pages that ask every two seconds cost one small query.
actor Projections {
    /// An environment as its journal tells it.
    struct Environment {
        let view: EnvironmentView
        /// Newest first.
        let releases: [EnvironmentView.ReleaseView]
    }

    /// As many as a page shows, and some more; beyond that all are forgotten and folded when they are asked for.
    private static let keptRuns = 256

    private var runs: [RunID: (position: Int64, view: RunView)] = [:]
    private var environments: [EnvironmentName: (position: Int64, environment: Environment)] = [:]

    /// A run; nil when the ledger has none of this id.
    func run(_ id: RunID, in ledger: Ledger) async throws(LedgerError) -> RunView? {
        guard let position = try await position(of: JournalName(.run, id), in: ledger) else { return nil }
        if let kept = runs[id], kept.position == position { return kept.view }
        let record = try await ledger.run(id)
        let view = RunView(record)
        if runs.count >= Self.keptRuns { runs = [:] }
        runs[id] = (record.position, view)
        return view
    }

    /// An environment; nil when nothing was ever recorded about it.
    func environment(_ name: EnvironmentName, in ledger: Ledger) async throws(LedgerError) -> Environment? {
        guard let position = try await position(of: JournalName(.environment, name.text), in: ledger) else { return nil }
        if let kept = environments[name], kept.position == position { return kept.environment }
        let folded = try await ledger.environment(name)
        let environment = Environment(
            view: EnvironmentView(name, folded.state),
            releases: folded.state.releases.reversed().map(EnvironmentView.ReleaseView.init))
        environments[name] = (folded.position, environment)
        return environment
    }

    private func position(of journal: JournalName, in ledger: Ledger) async throws(LedgerError) -> Int64? {
        do throws(StoreError) { return try await ledger.store.head(of: journal)?.position } catch { throw .store(error) }
    }
}
