import CanonicalJSON
import Journal
public import Pipeline

extension Ledger {
    /// As many journals as one transaction removes: others write in between.
    private static let removalsAtOnce = 100

    /// The runs that were pruned.
    public func prunedRuns() async throws(LedgerError) -> Set<RunID> {
        Set(try await prunedJournals().keys.lazy.filter { $0.kind == .run }.map(\.name))
    }

    /// Every journal that was pruned, and where it ended.
    func prunedJournals() async throws(LedgerError) -> [JournalName: Mark] {
        var pruned: [JournalName: Mark] = [:]
        try await forEachPage(of: .pruned) { (page) throws(LedgerError) in
            for entry in page {
                switch try decode(entry, as: LedgerEvent.self).event {
                case .pruned(let removals): for removal in removals { pruned[removal.journal] = removal.end }
                }
            }
            return true
        }
        return pruned
    }

    /// Removes the journals of runs that ended before a moment and that no environment needs any more.
    ///
    /// What decides is read from the journals themselves, each checked before it goes. What is left of a journal is where it ended, in the
    /// ledger's own journal, written in the transaction that removes it. Whoever writes to a run meanwhile keeps it.
    ///
    /// - Parameters:
    ///   - end: milliseconds since 1970; a run that was written to at this moment or later stays.
    ///   - isRehearsal: whether only to say what would be removed.
    ///   - stamp: says who removes, and when.
    public func prune(
        before end: Int64, isRehearsal: Bool = false, _ stamp: (LedgerEvent) -> Stamped<LedgerEvent>
    ) async throws(LedgerError) -> PruneReport {
        var report = PruneReport()
        let needed = try await neededRuns()
        var batch: [Removal] = []
        // The walk goes on by name, whatever is removed behind it.
        try await forEachHead(of: .run) { (head) async throws(LedgerError) in
            guard try await mayGo(head, before: end, needed, &report) else { return }
            report.runs += 1
            report.entries += head.position
            batch.append(Removal(head.journal, end: head.mark))
            guard batch.count == Self.removalsAtOnce else { return }
            if !isRehearsal { try await remove(batch, &report, stamp) }
            batch = []
        }
        if !isRehearsal { try await remove(batch, &report, stamp) }
        return report
    }

    /// Which runs environments need: those that released what runs, what is last good, and what a rollback would lead to.
    private func neededRuns() async throws(LedgerError) -> [RunID: EnvironmentName] {
        var needed: [RunID: EnvironmentName] = [:]
        for name in try await environments() {
            let record = try await foldedEnvironment(name)
            let current = record.state.current?.release
            let releases = [
                current, try await lastGood(of: record), try await rollbackTarget(of: record, leaving: current),
            ]
            for release in releases.compactMap({ $0 }) {
                for id in [release.id, release.restores].compactMap({ $0 }) { needed[id] = name }
            }
        }
        return needed
    }

    /// Whether a run may be removed; counts it when not.
    private func mayGo(
        _ head: Head, before end: Int64, _ needed: [RunID: EnvironmentName], _ report: inout PruneReport
    ) async throws(LedgerError) -> Bool {
        let id = head.journal.name
        // Enough to keep a run, never to remove it.
        if let summary = head.summary.flatMap({ try? Canonical.decode(RunSummary.self, from: $0) }), summary.updated >= end {
            report.recent += 1
            return false
        }
        if let environment = needed[id] {
            report.kept[id] = .needed(environment)
            return false
        }
        guard let record = try await verifiedRun(head) else {
            report.kept[id] = .damaged
            return false
        }
        guard record.updated < end else {
            report.recent += 1
            return false
        }
        guard !record.run.status.isOpen else {
            report.kept[id] = .open
            return false
        }
        return true
    }

    /// A run whose journal is as it was written, up to this head; nil when it is not.
    private func verifiedRun(_ head: Head) async throws(LedgerError) -> RunRecord? {
        var record: RunRecord?
        var reached = Mark.beginning
        do throws(LedgerError) {
            try await forEachPage(of: head.journal) { (page) throws(LedgerError) in
                do {
                    let end = try Chain.verify(page, of: head.journal, after: (reached.position, reached.hash))
                    reached = Mark(position: end.position, hash: end.hash)
                    for entry in page {
                        let event = try Stamped<RunEvent>(bytes: entry.body)
                        if record == nil { record = try RunRecord(event) } else { try record?.apply(event) }
                    }
                } catch {
                    throw .unreadable(head.journal, position: reached.position, reason: "\(error)")
                }
                return true
            }
        } catch {
            switch error {
            case .unreadable: return nil
            case .store(let reason): if case .corrupt = reason.code { return nil } else { throw error }
            default: throw error
            }
        }
        return reached == head.mark ? record : nil
    }

    /// Removes journals and writes where they ended; one that somebody has written to meanwhile stays.
    private func remove(
        _ batch: [Removal], _ report: inout PruneReport, _ stamp: (LedgerEvent) -> Stamped<LedgerEvent>
    ) async throws(LedgerError) {
        var batch = batch
        while !batch.isEmpty {
            let position = try await head(.pruned)?.position ?? 0
            let event = stamp(.pruned(batch))
            do throws(LedgerError) {
                try await write([Append(.pruned, expected: position, bodies: [event.bytes], removing: batch)], under: [])
                return
            } catch {
                guard case .store(let reason) = error, case .conflict(let journal, _, let actual) = reason.code else {
                    throw error
                }
                guard let place = batch.firstIndex(where: { $0.journal == journal }) else { continue }
                let kept = batch.remove(at: place)
                report.runs -= 1
                report.entries -= kept.end.position
                // At 0 somebody else has removed it.
                if actual > 0 { report.recent += 1 }
            }
        }
    }
}
