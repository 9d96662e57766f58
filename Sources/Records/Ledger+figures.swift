import Journal
public import Pipeline

extension Ledger {
    /// How much of a journal the figures are made of where nothing of it was read before; a fold of more would keep somebody waiting.
    private static let figuredEvents: Int64 = 5_000

    /// Folds into `history` what was written since; begins it, near the journal's end, where there is none.
    public func follow(_ history: DeliveryHistory?, of name: EnvironmentName) async throws(LedgerError) -> DeliveryHistory {
        let journal = JournalName(.environment, name.text)
        var history = history ?? DeliveryHistory()
        if history.position == 0, let end = try await head(journal)?.position, end > Self.figuredEvents {
            history = DeliveryHistory(after: end - Self.figuredEvents)
        }
        try await forEachPage(of: journal, after: history.position) { (page) throws(LedgerError) in
            for entry in page { history.apply(try decode(entry, as: EnvironmentEvent.self)) }
            return true
        }
        return history
    }

    /// What is kept beside a run's journal; nil when the ledger has no such run, or no longer.
    public func summary(of id: RunID) async throws(LedgerError) -> RunSummary? {
        guard let head = try await head(JournalName(.run, id)) else { return nil }
        return try await summaries(of: [head]).first
    }

    /// The newest runs before `before` in one of the given statuses, found among no more than some thousand.
    ///
    /// - Returns: at most `limit` of them, and where to go on: the id of the last run looked at, nil at the end of the ledger. Fewer than
    ///   `limit` with somewhere to go on means that there were enough to look at, not that there are no more.
    public func runs(
        in statuses: Set<RunStatus>, before: RunID? = nil, limit: Int
    ) async throws(LedgerError) -> (runs: [RunSummary], next: RunID?) {
        var found: [RunSummary] = []
        var last = before
        for _ in 0..<4 {
            let page = try await runs(before: last, limit: Self.page)
            for run in page {
                if statuses.contains(run.status) {
                    if found.count == limit { return (found, last) }
                    found.append(run)
                }
                last = run.id
            }
            if page.count < Self.page { return (found, nil) }
        }
        return (found, last)
    }
}
