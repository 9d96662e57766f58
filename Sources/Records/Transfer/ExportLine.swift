import CanonicalJSON
import Hashing
import Journal

/// One line of an exported ledger: JSON, in the order header, the journals one after the other, footer.
enum ExportLine: Codable {
    /// The first line: what the file is.
    case ledger(format: Int)
    /// An entry. The body is JSON itself, and as text it keeps every byte that the hash covers.
    case entry(journal: JournalName, position: Int64, body: String, previous: SHA256Sum, hash: SHA256Sum)
    /// The end of a journal.
    case end(journal: JournalName, position: Int64, hash: SHA256Sum, summary: String?)
    /// The last line: how much there is, so that a file that was cut off is known as one.
    case total(journals: Int, entries: Int64)

    /// The format this shipit reads and writes.
    static let format = 1

    /// The line with its end.
    var bytes: [UInt8] { Canonical.bytes(of: self) + [UInt8(ascii: "\n")] }
}

/// Writes journals as lines.
struct ExportWriter: JournalSink {
    private let write: ([UInt8]) throws(LedgerError) -> Void
    private var journals = 0
    private var entries: Int64 = 0

    /// Writes the first line; `write` takes each line with its end.
    init(_ write: @escaping ([UInt8]) throws(LedgerError) -> Void) throws(LedgerError) {
        self.write = write
        try write(ExportLine.ledger(format: ExportLine.format).bytes)
    }

    mutating func take(_ page: [Entry], of journal: JournalName) async throws(LedgerError) {
        for entry in page {
            let body = try text(entry.body, of: journal)
            let line = ExportLine.entry(
                journal: journal, position: entry.position, body: body, previous: entry.previous, hash: entry.hash)
            try write(line.bytes)
        }
        entries += Int64(page.count)
    }

    mutating func end(_ journal: JournalName, at mark: Mark, summary: [UInt8]?) async throws(LedgerError) {
        var words: String?
        if let summary { words = try text(summary, of: journal) }
        try write(ExportLine.end(journal: journal, position: mark.position, hash: mark.hash, summary: words).bytes)
        journals += 1
    }

    /// Writes the last line.
    func finish() throws(LedgerError) {
        try write(ExportLine.total(journals: journals, entries: entries).bytes)
    }

    private func text(_ bytes: [UInt8], of journal: JournalName) throws(LedgerError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .damaged("the journal \(journal) holds bytes that are no text, which shipit cannot have written")
        }
        return text
    }
}

/// Reads lines back into a sink.
struct ExportReader<Sink: JournalSink> {
    private(set) var source: CheckedSource<Sink>
    private var number = 0
    private var isOver = false
    private var page: [Entry] = []
    private var journal: JournalName?

    init(into sink: Sink) {
        source = CheckedSource(into: sink)
    }

    /// Takes the next line, without its end.
    mutating func take(_ bytes: [UInt8]) async throws(LedgerError) {
        number += 1
        let line: ExportLine
        do { line = try Canonical.decode(ExportLine.self, from: bytes) } catch {
            throw .damaged("line \(number) is no line of an exported ledger")
        }
        guard !isOver else { throw .damaged("line \(number) stands behind the last line of the ledger") }
        switch line {
        case .ledger(let format):
            guard number == 1 else { throw .damaged("line \(number) begins a ledger inside another") }
            guard format == ExportLine.format else {
                throw .damaged(
                    "the export has format \(format), and this shipit reads format \(ExportLine.format): use the newest shipit")
            }
        case _ where number == 1:
            throw .damaged("line 1 does not begin an exported ledger")
        case .entry(let journal, let position, let body, let previous, let hash):
            if self.journal != journal || page.count == Ledger.page { try await flush() }
            self.journal = journal
            page.append(
                Entry(journal: journal, position: position, body: Array(body.utf8), previous: previous, hash: hash))
        case .end(let journal, let position, let hash, let summary):
            try await flush()
            try await source.finish(
                journal, at: Mark(position: position, hash: hash), summary: summary.map { Array($0.utf8) })
            self.journal = nil
        case .total(let journals, let entries):
            try await flush()
            guard source.count.journals == journals, source.count.entries == entries else {
                throw .damaged(
                    "the export should hold \(journals) journals with \(entries) entries and holds \(source.count.journals) with \(source.count.entries)"
                )
            }
            isOver = true
        }
    }

    /// Says that there are no more lines.
    func finish() throws(LedgerError) {
        guard isOver else { throw .damaged("the export is cut off behind line \(number)") }
    }

    private mutating func flush() async throws(LedgerError) {
        guard let journal, !page.isEmpty else { return }
        try await source.take(page, of: journal)
        page = []
    }
}
