import Journal

/// Compares journals with those of a ledger, and changes nothing.
struct ComparingSink: JournalSink {
    private let ledger: Ledger
    private(set) var differences: [String] = []
    private(set) var seen: Set<JournalName> = []

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    mutating func take(_ page: [Entry], of journal: JournalName) async throws(LedgerError) {}

    mutating func end(_ journal: JournalName, at mark: Mark, summary: [UInt8]?) async throws(LedgerError) {
        seen.insert(journal)
        // The hash covers every entry before it: where ends are alike, all is alike.
        guard let head = try await ledger.head(journal) else {
            differences.append("\(journal) is missing: it should have \(mark.position) entries")
            return
        }
        if head.mark != mark {
            differences.append(
                head.position == mark.position
                    ? "\(journal) has the same number of entries and other ones"
                    : "\(journal) has \(head.position) entries, where there should be \(mark.position)")
        } else if head.summary != summary {
            differences.append("\(journal) has another summary")
        }
    }
}
