import CanonicalJSON
import Hashing
import Journal
import Pipeline
import Records

/// Views of journals, which take what a journal has grown by: many pages that ask every two seconds cost one small query.
actor Projections {
    /// A run as its journal tells it.
    struct Run {
        fileprivate(set) var record: RunRecord
        fileprivate(set) var view: RunView
        /// How long its stages take usually.
        fileprivate let usual: [StageName: Int64]
    }

    /// An environment as its journal tells it.
    struct Environment {
        let view: EnvironmentView
        let record: EnvironmentRecord
    }

    /// As many as a page shows, and some more; beyond that all are forgotten and folded when they are asked for.
    private static let keptRuns = 256

    /// As many summaries as several pages of a list have; beyond that all are forgotten.
    private static let keptSummaries = 2_000

    private var runs: [RunID: Run] = [:]
    private var summaries: [RunID: (end: SHA256Sum, summary: Rendered<RunSummary>)] = [:]
    private var environments: [EnvironmentName: Environment] = [:]

    /// A run; nil when the ledger has none of this id.
    func run(_ id: RunID, in ledger: Ledger) async throws(LedgerError) -> Run? {
        guard let position = try await position(of: JournalName(.run, id), in: ledger) else { return nil }
        let run: Run
        // A ledger that was restored may end before where it did.
        if var kept = runs[id], kept.record.position <= position {
            if kept.record.position == position { return kept }
            try await ledger.refresh(&kept.record)
            kept.view = RunView(kept.record, usual: kept.usual)
            run = kept
        } else {
            let record = try await ledger.run(id)
            // Asked once: what others took says the same of a run however far it has come.
            let usual = try await ledger.usualDurations(of: record.run.plan.pipeline, apartFrom: id)
            run = Run(record: record, view: RunView(record, usual: usual), usual: usual)
        }
        if runs.count >= Self.keptRuns { runs = [:] }
        runs[id] = run
        return run
    }

    /// The runs, newest first; only what has changed is read and written again.
    func runs(before: RunID?, limit: Int, in ledger: Ledger) async throws(LedgerError) -> [Rendered<RunSummary>] {
        let heads: [Head]
        do throws(StoreError) { heads = try await ledger.store.heads(of: .run, before: before, limit: limit) } catch {
            throw .store(error)
        }
        var found: [RunID: (end: SHA256Sum, summary: Rendered<RunSummary>)] = [:]
        for head in heads {
            if let kept = summaries[head.journal.name], kept.end == head.hash { found[head.journal.name] = kept }
        }
        let changed = heads.filter { found[$0.journal.name] == nil }
        for (head, summary) in zip(changed, try await ledger.summaries(of: changed)) {
            found[head.journal.name] = (head.hash, Rendered(summary))
        }
        if summaries.count > Self.keptSummaries { summaries = [:] }
        summaries.merge(found) { $1 }
        return heads.compactMap { found[$0.journal.name]?.summary }
    }

    /// An environment; nil when nothing was ever recorded about it.
    func environment(_ name: EnvironmentName, in ledger: Ledger) async throws(LedgerError) -> Environment? {
        guard let position = try await position(of: JournalName(.environment, name.text), in: ledger) else { return nil }
        if let kept = environments[name], kept.record.position == position { return kept }
        let record = try await ledger.environment(name)
        let view = EnvironmentView(name, record.state, lastGood: try await ledger.lastGood(of: record))
        let environment = Environment(view: view, record: record)
        environments[name] = environment
        return environment
    }

    private func position(of journal: JournalName, in ledger: Ledger) async throws(LedgerError) -> Int64? {
        do throws(StoreError) { return try await ledger.store.head(of: journal)?.position } catch { throw .store(error) }
    }
}
