import Journal

extension Ledger {
    /// Every journal's head, kind by kind, greatest name first; read page by page while `body` works.
    func forEachHead(_ body: (Head) async throws(LedgerError) -> Void) async throws(LedgerError) {
        for kind in JournalName.Kind.allCases { try await forEachHead(of: kind, body) }
    }

    /// Every head of one kind, greatest name first.
    func forEachHead(
        of kind: JournalName.Kind, _ body: (Head) async throws(LedgerError) -> Void
    ) async throws(LedgerError) {
        var last: String?
        while true {
            let heads = try await wrap { () async throws(StoreError) in
                try await store.heads(of: kind, before: last, limit: Self.page)
            }
            for head in heads { try await body(head) }
            guard heads.count == Self.page else { return }
            last = heads.last?.journal.name
        }
    }

    /// The entries of a journal after a position, page by page.
    ///
    /// - Parameter body: takes a page of at least one entry; answers whether to go on.
    func forEachPage(
        of journal: JournalName, after position: Int64 = 0, _ body: ([Entry]) async throws(LedgerError) -> Bool
    ) async throws(LedgerError) {
        var last = position
        while true {
            let entries = try await read(journal, after: last, limit: Self.page)
            guard let end = entries.last, try await body(entries), entries.count == Self.page else { return }
            last = end.position
        }
    }
}
