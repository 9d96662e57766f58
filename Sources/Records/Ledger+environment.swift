import Journal
public import Pipeline

extension Ledger {
    /// An environment as it is now.
    ///
    /// Costs as much as was written since the snapshot beside its journal, or all of the journal where there is none.
    public func environment(_ name: EnvironmentName) async throws(LedgerError) -> EnvironmentRecord {
        guard let head = try await head(JournalName(.environment, name.text)) else { return EnvironmentRecord(name) }
        let snapshot = EnvironmentSnapshot(head)
        var record = snapshot.map { EnvironmentRecord(name, $0.state, at: $0.position) } ?? EnvironmentRecord(name)
        if record.position < head.position { try await refresh(&record) }
        return record
    }

    /// An environment as the events of its journal tell it, whatever the snapshot says.
    func foldedEnvironment(_ name: EnvironmentName) async throws(LedgerError) -> EnvironmentRecord {
        var record = EnvironmentRecord(name)
        try await refresh(&record)
        return record
    }

    private func refresh(_ record: inout EnvironmentRecord) async throws(LedgerError) {
        try await forEachPage(of: JournalName(.environment, record.name.text), after: record.position) {
            (page) throws(LedgerError) in
            for entry in page { record.apply(try decode(entry, as: EnvironmentEvent.self).event) }
            return true
        }
    }

    /// The newest release of an environment that passed verification.
    public func lastGood(of record: EnvironmentRecord) async throws(LedgerError) -> Release? {
        switch record.state.lastGood {
        case .none: nil
        case .release(let release): release
        case .unknown: try await release(of: record) { $0.isGood == true }?.release
        }
    }

    /// Where a rollback leads: the newest good release that differs from what it leaves behind, or the one named by commit or release id.
    ///
    /// From a release that a rollback brought back it leads to before that one: see `RollbackSearch`.
    ///
    /// - Parameters:
    ///   - record: the environment.
    ///   - left: what it leaves behind; nil when nothing runs.
    ///   - wanted: a release id, or the beginning of a commit; nil for the newest.
    public func rollbackTarget(
        of record: EnvironmentRecord, leaving left: Release?, to wanted: String? = nil
    ) async throws(LedgerError) -> Release? {
        var search = RollbackSearch(leaving: left, to: wanted)
        return try await release(of: record) { search.take($0) }?.release
    }

    /// The newest release of an environment that `isWanted`.
    ///
    /// Costs as much as was written since.
    public func release(
        of record: EnvironmentRecord, where isWanted: (EnvironmentState.Entry) -> Bool
    ) async throws(LedgerError) -> EnvironmentState.Entry? {
        var found: EnvironmentState.Entry?
        try await forEachRelease(of: record) { entry in
            if isWanted(entry) { found = entry }
            return found == nil
        }
        return found
    }

    /// The releases of an environment, newest first: at most `limit`, of those before the release `before` when one is given.
    ///
    /// - Returns: nil when there is no release `before`.
    public func releases(
        of record: EnvironmentRecord, before: ReleaseID? = nil, limit: Int
    ) async throws(LedgerError) -> [EnvironmentState.Entry]? {
        var found: [EnvironmentState.Entry] = []
        var hasBegun = before == nil
        try await forEachRelease(of: record) { entry in
            if hasBegun {
                if found.count < limit { found.append(entry) }
            } else {
                hasBegun = entry.release.id == before
            }
            return found.count < limit
        }
        return hasBegun ? found : nil
    }

    /// Goes back through the releases of an environment from the record's position on, until `body` answers false.
    private func forEachRelease(
        of record: EnvironmentRecord, _ body: (EnvironmentState.Entry) -> Bool
    ) async throws(LedgerError) {
        let journal = JournalName(.environment, record.name.text)
        var search = ReleaseSearch()
        var end = record.position
        // Most often it is one of the newest that is looked for.
        var size: Int64 = 32
        while end > 0 {
            let start = max(0, end - size)
            let page = try await read(journal, after: start, limit: Int(end - start))
            guard page.count == Int(end - start) else {
                throw .damaged("the journal \(journal) has gaps between the positions \(start) and \(end)")
            }
            for entry in page.reversed() {
                if let release = search.take(try decode(entry, as: EnvironmentEvent.self).event), !body(release) { return }
            }
            end = start
            size = min(size * 2, Int64(Self.page))
        }
    }
}
