import CanonicalJSON
import Hashing
public import Journal
import Pipeline

extension Ledger {
    /// Reads every journal once and says where entries are not the ones that were written, or not all of them, or where a summary does
    /// not say what they say.
    ///
    /// A journal that is gone is missed, unless the journal of the ledger itself says that it was pruned and where it ended.
    ///
    /// Others may write meanwhile: what is appended behind the walk is not looked at. A journal is read page by page, so that memory
    /// stays small however long it is.
    ///
    /// - Parameter remembered: where journals ended when they were last seen whole. A chain cannot tell by itself that its newest
    ///   entries are gone, nor that all of it was written anew.
    public func audit(remembering remembered: [JournalName: Mark] = [:]) async throws(LedgerError) -> AuditReport {
        var report = AuditReport()
        var missing = remembered
        report.compared = remembered.count
        try await forEachHead { (head) async throws(LedgerError) in
            missing[head.journal] = nil
            var walk = Walk(head, remembered: remembered[head.journal])
            do throws(LedgerError) {
                try await forEachPage(of: head.journal) { page in
                    walk.take(page)
                    return walk.fault == nil
                }
                // What was appended behind the walk has moved the head as well, perhaps further than the walk came.
                let newest = walk.end == head.mark ? head : try await self.head(head.journal)
                guard let newest else {
                    // Pruned since the walk began, as will be found below.
                    missing[head.journal] = head.mark
                    return
                }
                walk.finish(newest)
            } catch {
                // Damage the store itself found is a finding like any other; a store that does not answer is none.
                guard case .store(let reason) = error, case .corrupt = reason.code else { throw error }
                walk.report(.broken, at: walk.end.position + 1, reason.message)
            }
            report.entries += walk.end.position
            if let fault = walk.fault { report.faults.append(fault) } else { report.marks[head.journal] = walk.end }
        }
        let pruned: [JournalName: Mark]
        do throws(LedgerError) {
            pruned = try await prunedJournals()
        } catch {
            // The walk has said what is wrong with the journal that tells.
            switch error {
            case .unreadable: pruned = [:]
            case .store(let reason): if case .corrupt = reason.code { pruned = [:] } else { throw error }
            default: throw error
            }
        }
        report.pruned = pruned.count
        report.faults += Self.faults(ofMissing: missing, pruned) + Self.faults(ofReturned: report.marks, pruned)
        return report
    }

    private static func faults(
        ofMissing missing: [JournalName: Mark], _ pruned: [JournalName: Mark]
    ) -> [AuditReport.Fault] {
        missing.sorted { $0.key < $1.key }.compactMap { journal, mark in
            guard let end = pruned[journal] else {
                return AuditReport.Fault(
                    journal: journal, position: 1, code: .truncated,
                    message: "the journal \(journal) is gone; it had \(mark.position) entries when it was last verified")
            }
            if end.position < mark.position {
                return AuditReport.Fault(
                    journal: journal, position: end.position + 1, code: .truncated,
                    message: "the journal \(journal) had \(end.position) entries when it was pruned, and \(mark.position) before")
            }
            guard end.position == mark.position, end.hash != mark.hash else { return nil }
            return AuditReport.Fault(
                journal: journal, position: mark.position, code: .replaced,
                message: "the journal \(journal) that was pruned is not the one that was there before")
        }
    }

    private static func faults(
        ofReturned marks: [JournalName: Mark], _ pruned: [JournalName: Mark]
    ) -> [AuditReport.Fault] {
        pruned.keys.filter { marks[$0] != nil }.sorted().map { journal in
            AuditReport.Fault(
                journal: journal, position: 1, code: .replaced,
                message: "the journal \(journal) was pruned, and there is one of that name again")
        }
    }
}

/// One journal's walk.
private struct Walk {
    let journal: JournalName
    /// Places whose hash is known from elsewhere.
    private let known: [Mark]
    private(set) var end = Mark.beginning
    private(set) var fault: AuditReport.Fault?
    /// What the entries of a run add up to.
    private var run: RunRecord?
    /// What the entries of an environment add up to, and what its snapshot says they do.
    private var environment: EnvironmentRecord?
    private let snapshot: EnvironmentSnapshot?
    private var isSnapshotWrong: Bool

    init(_ head: Head, remembered: Mark?) {
        journal = head.journal
        known = [remembered, head.mark].compactMap { $0 }
        let isEnvironment = journal.kind == .environment
        environment = isEnvironment ? EnvironmentName(journal.name).map { EnvironmentRecord($0) } : nil
        snapshot = isEnvironment ? EnvironmentSnapshot(head) : nil
        // One at the journal's beginning says nothing; any other is proven right when the walk comes to its position.
        let isBlank = snapshot?.position == 0 && snapshot?.state == environment?.state
        isSnapshotWrong = isEnvironment && head.summary != nil && !isBlank
    }

    mutating func take(_ page: [Entry]) {
        do throws(ChainError) {
            let reached = try Chain.verify(page, of: journal, after: (end.position, end.hash))
            end = Mark(position: reached.position, hash: reached.hash)
        } catch {
            report(.broken, at: error.position, error.description)
            return
        }
        for entry in page {
            if known.contains(where: { $0.position == entry.position && $0.hash != entry.hash }) {
                report(
                    .replaced, at: entry.position,
                    "the journal \(journal) was written anew: entry \(entry.position) is not the one that was there before")
                return
            }
            if let reason = understand(entry) {
                report(
                    .unreadable, at: entry.position,
                    "entry \(entry.position) of \(journal) is as it was written and cannot be read: \(reason)")
                return
            }
        }
    }

    /// Why an entry means nothing to this shipit; nil when it does.
    private mutating func understand(_ entry: Entry) -> String? {
        do {
            switch journal.kind {
            case .ledger:
                _ = try Stamped<LedgerEvent>(bytes: entry.body)
            case .environment:
                environment?.apply(try Stamped<EnvironmentEvent>(bytes: entry.body).event)
                if let snapshot, snapshot.position == entry.position { isSnapshotWrong = snapshot.state != environment?.state }
            case .run:
                let event = try Stamped<RunEvent>(bytes: entry.body)
                if run == nil { run = try RunRecord(event) } else { try run?.apply(event) }
            }
            return nil
        } catch let error as UnreadableEvent {
            return error.reason
        } catch let error as RunError {
            return error.reason
        } catch {
            return "\(error)"
        }
    }

    /// Compares what was read with the head, which may be further by now, and with what was known before.
    mutating func finish(_ head: Head) {
        guard fault == nil else { return }
        let promised = known.map(\.position).max() ?? 0
        if end.position < promised {
            report(
                .truncated, at: end.position + 1,
                "the journal \(journal) had \(promised) entries and has \(end.position): the newest are gone")
        } else if end.position > head.position {
            report(
                .broken, at: head.position + 1,
                "the journal \(journal) ends at \(head.position), and more entries stand behind its end")
        } else if isSnapshotWrong || isSummaryWrong(head) {
            report(.summary, at: end.position, "the summary of \(journal) does not say what its \(end.position) entries say")
        }
    }

    /// Whether lists would show something else of a run than it is.
    private func isSummaryWrong(_ head: Head) -> Bool {
        guard end == head.mark, let run else { return false }
        let summary = RunSummary(run, plan: run.run.plan.sum.hex)
        let isHidden = !summary.waiting.isEmpty && !head.isWaiting
        return isHidden || head.summary.map { $0 != Canonical.bytes(of: summary) } ?? false
    }

    mutating func report(_ code: AuditReport.Fault.Code, at position: Int64, _ message: String) {
        fault = AuditReport.Fault(journal: journal, position: position, code: code, message: message)
    }
}
