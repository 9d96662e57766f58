public import Journal

extension Ledger {
    /// Where every journal ends.
    public func marks() async throws(LedgerError) -> [JournalName: Mark] {
        var marks: [JournalName: Mark] = [:]
        try await forEachHead { (head) async throws(LedgerError) in marks[head.journal] = head.mark }
        return marks
    }

    /// Copies every journal into another ledger, which may have part of them already.
    ///
    /// - Throws: `.damaged` when a journal is not whole, or the other ledger has another journal under a name of ours.
    public func copy(to other: Ledger) async throws(LedgerError) -> TransferCount {
        let source = try await pour(into: try await StoreSink(other))
        return source.counted
    }

    /// Takes up the journals of an export, which arrives line by line; `lines` calls back for each and throws what goes wrong there.
    public func take(
        _ lines: (_ line: ([UInt8]) async throws(LedgerError) -> Void) async throws(LedgerError) -> Void
    ) async throws(LedgerError) -> TransferCount {
        try await Self.read(lines, into: try await StoreSink(self)).counted
    }

    /// Writes every journal as lines of JSON; `write` takes each with its end.
    public func export(_ write: @escaping ([UInt8]) throws(LedgerError) -> Void) async throws(LedgerError) -> TransferCount {
        let source = try await pour(into: try ExportWriter(write))
        try source.sink.finish()
        return source.count
    }

    /// What differs between this ledger and another: sentences, none when they are the same.
    public func differences(from other: Ledger) async throws(LedgerError) -> [String] {
        try await missing(in: try await other.pour(into: ComparingSink(self)).sink)
    }

    /// What differs between this ledger and an export.
    public func differences(
        from lines: (_ line: ([UInt8]) async throws(LedgerError) -> Void) async throws(LedgerError) -> Void
    ) async throws(LedgerError) -> [String] {
        try await missing(in: try await Self.read(lines, into: ComparingSink(self)).sink)
    }

    private func missing(in comparison: ComparingSink) async throws(LedgerError) -> [String] {
        let surplus = try await marks().keys.filter { !comparison.seen.contains($0) }.sorted()
        return comparison.differences + surplus.map { "\($0) should not be there" }
    }

    private static func read<Sink: JournalSink>(
        _ lines: (_ line: ([UInt8]) async throws(LedgerError) -> Void) async throws(LedgerError) -> Void, into sink: Sink
    ) async throws(LedgerError) -> CheckedSource<Sink> {
        var reader = ExportReader(into: sink)
        try await lines { (line) async throws(LedgerError) in try await reader.take(line) }
        try reader.finish()
        return reader.source
    }

    /// Pours every journal into a sink, each as far as it goes when its turn comes.
    private func pour<Sink: JournalSink>(into sink: Sink) async throws(LedgerError) -> CheckedSource<Sink> {
        var source = CheckedSource(into: sink)
        try await forEachHead { (head) async throws(LedgerError) in
            try await forEachPage(of: head.journal) { (page) async throws(LedgerError) in
                let entries = page.filter { $0.position <= head.position }
                if !entries.isEmpty { try await source.take(entries, of: head.journal) }
                return entries.count == page.count
            }
            try await source.finish(head.journal, at: head.mark, summary: head.summary)
        }
        return source
    }
}

extension CheckedSource<StoreSink> {
    /// How much was read, and how much of it was new to the ledger that took it.
    fileprivate var counted: TransferCount {
        var count = count
        count.new = sink.new
        return count
    }
}
