import CanonicalJSON
import Hashing
import Journal
import Pipeline

/// Writes journals into a ledger: entries it has already must be the same, the others are appended.
///
/// So a transfer that was interrupted is simply begun again. The hashes are computed anew by the store and come out the same, since
/// they cover the journal's name, the position and the bytes and nothing of the place. What was pruned on one side is not there
/// on either afterwards.
struct StoreSink: JournalSink {
    private let ledger: Ledger
    private(set) var new: Int64 = 0
    /// The part of the current journal that is not written yet: the last page waits for its summary.
    private var held: [Entry] = []
    private var known: Int64?
    private var pruned: [JournalName: Mark]

    init(_ ledger: Ledger) async throws(LedgerError) {
        self.ledger = ledger
        pruned = try await ledger.prunedJournals()
    }

    mutating func take(_ page: [Entry], of journal: JournalName) async throws(LedgerError) {
        if let end = pruned[journal] {
            guard page.allSatisfy({ $0.position != end.position || $0.hash == end.hash }) else {
                throw .damaged("the journal \(journal) was pruned in the ledger, and it was another one")
            }
            return
        }
        try await flush(journal, nil)
        let known = if let known { known } else { try await ledger.head(journal)?.position ?? 0 }
        self.known = known
        let old = page.prefix { $0.position <= known }
        if let first = old.first {
            let there = try await ledger.read(journal, after: first.position - 1, limit: old.count)
            guard there.elementsEqual(old) else {
                throw .damaged("the ledger already has a journal \(journal), and it is another one")
            }
        }
        held = Array(page.dropFirst(old.count))
    }

    mutating func end(_ journal: JournalName, at mark: Mark, summary: [UInt8]?) async throws(LedgerError) {
        if let end = pruned[journal] {
            guard mark.position <= end.position else {
                throw .damaged(
                    "the journal \(journal) has \(mark.position) entries, and had \(end.position) when it was pruned in the ledger"
                )
            }
            return
        }
        try await flush(journal, (summary, Self.isWaiting(journal, summary)))
        guard let known, known <= mark.position else {
            throw .damaged("the ledger's journal \(journal) has more entries than the \(mark.position) that come in")
        }
        self.known = nil
    }

    /// Whether a run waits for somebody; one that does not tell is to be looked at.
    private static func isWaiting(_ journal: JournalName, _ summary: [UInt8]?) -> Bool? {
        guard journal.kind == .run else { return nil }
        let summary = summary.flatMap { try? Canonical.decode(RunSummary.self, from: $0) }
        return summary.map { !$0.waiting.isEmpty } ?? true
    }

    private mutating func flush(
        _ journal: JournalName, _ projection: (summary: [UInt8]?, isWaiting: Bool?)?
    ) async throws(LedgerError) {
        guard let first = held.first, let last = held.last else { return }
        if journal == .pruned {
            for entry in held { try await prune(entry) }
        } else {
            let part = Append(
                journal, expected: first.position - 1, bodies: held.map(\.body), summary: projection?.summary,
                isWaiting: projection?.isWaiting)
            try await ledger.write([part], under: [])
        }
        new += Int64(held.count)
        known = last.position
        held = []
    }

    /// Takes up the record of a removal, and removes what is here of it.
    private mutating func prune(_ entry: Entry) async throws(LedgerError) {
        var removing: [Removal] = []
        switch try ledger.decode(entry, as: LedgerEvent.self).event {
        case .pruned(let removals):
            for removal in removals {
                pruned[removal.journal] = removal.end
                guard let head = try await ledger.head(removal.journal) else { continue }
                guard head.mark == removal.end else {
                    throw .damaged("the ledger has a journal \(removal.journal), and the one that was pruned is another one")
                }
                removing.append(removal)
            }
        }
        let part = Append(.pruned, expected: entry.position - 1, bodies: [entry.body], removing: removing)
        try await ledger.write([part], under: [])
    }
}
