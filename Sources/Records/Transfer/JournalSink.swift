import Journal

/// Takes the journals of a ledger, one after the other, each page by page.
///
/// Pages come checked: they follow each other without a gap and unchanged. Each journal is ended before the next begins.
protocol JournalSink {
    /// Takes the entries after those of the page before; at least one.
    mutating func take(_ page: [Entry], of journal: JournalName) async throws(LedgerError)

    /// Ends a journal, which has a summary when it is a run's.
    mutating func end(_ journal: JournalName, at mark: Mark, summary: [UInt8]?) async throws(LedgerError)
}

/// How much was moved.
public struct TransferCount: Hashable, Sendable, Codable {
    /// Journals that were read.
    public var journals = 0
    /// Entries that were read.
    public var entries: Int64 = 0
    /// Entries among them that the other side did not have.
    public var new: Int64 = 0
}

/// Checks what is read on its way into a sink, so that what is damaged is never carried on.
struct CheckedSource<Sink: JournalSink> {
    private(set) var sink: Sink
    private(set) var count = TransferCount()
    private var journal: JournalName?
    private var end = Mark.beginning

    init(into sink: Sink) {
        self.sink = sink
    }

    mutating func take(_ page: [Entry], of journal: JournalName) async throws(LedgerError) {
        if self.journal != journal {
            // What a sink still holds of the one before would end up in this one.
            if let open = self.journal { throw .damaged("the journal \(open) has no end before \(journal) begins") }
            self.journal = journal
            end = .beginning
        }
        do throws(ChainError) {
            let reached = try Chain.verify(page, of: journal, after: (end.position, end.hash))
            end = Mark(position: reached.position, hash: reached.hash)
        } catch {
            throw .damaged(error.description)
        }
        count.entries += Int64(page.count)
        try await sink.take(page, of: journal)
    }

    mutating func finish(_ journal: JournalName, at mark: Mark, summary: [UInt8]?) async throws(LedgerError) {
        guard self.journal == journal, end == mark else {
            throw .damaged(
                "the journal \(journal) ends at position \(end.position), where it should go on to \(mark.position)")
        }
        self.journal = nil
        count.journals += 1
        try await sink.end(journal, at: mark, summary: summary)
    }
}
