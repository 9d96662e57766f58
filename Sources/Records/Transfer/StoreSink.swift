import Hashing
import Journal

/// Writes journals into a ledger: entries it has already must be the same, the others are appended.
///
/// So a transfer that was interrupted is simply begun again. The hashes are computed anew by the store and come out the same, since
/// they cover the journal's name, the position and the bytes and nothing of the place.
struct StoreSink: JournalSink {
    private let ledger: Ledger
    private(set) var new: Int64 = 0
    /// The part of the current journal that is not written yet: the last page waits for its summary.
    private var held: [Entry] = []
    private var known: Int64?

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    mutating func take(_ page: [Entry], of journal: JournalName) async throws(LedgerError) {
        try await flush(journal, summary: nil)
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
        try await flush(journal, summary: summary)
        guard let known, known <= mark.position else {
            throw .damaged("the ledger's journal \(journal) has more entries than the \(mark.position) that come in")
        }
        self.known = nil
    }

    private mutating func flush(_ journal: JournalName, summary: [UInt8]?) async throws(LedgerError) {
        guard let first = held.first, let last = held.last else { return }
        try await ledger.write(
            [Append(journal, expected: first.position - 1, bodies: held.map(\.body), summary: summary)], under: [])
        new += Int64(held.count)
        known = last.position
        held = []
    }
}
