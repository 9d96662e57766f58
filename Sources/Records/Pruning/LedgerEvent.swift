public import Journal

/// What was done to the ledger itself; the events of its own journal.
public enum LedgerEvent: Hashable, Sendable, Codable {
    /// These journals were removed with all their entries, in the transaction that wrote this.
    case pruned([Removal])
}

extension JournalName {
    /// What was removed from the ledger, and where it ended.
    package static let pruned = JournalName(.ledger, "pruned")
}
