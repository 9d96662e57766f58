public import Journal
public import Pipeline

/// Why the ledger has no answer.
public enum LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No run has this id, nor does one alone begin with it.
    case noSuchRun(RunID)
    /// Several runs begin with these characters.
    case ambiguousRun(RunID, [RunID])
    /// An entry cannot be read: it was written by a newer shipit, or it is damaged.
    case unreadable(JournalName, position: Int64, reason: String)
    /// What is read is not what was written, or two ledgers do not fit; the words say where.
    case damaged(String)
    /// The store could not do it.
    case store(StoreError)

    /// Whether somebody else was first: fold again, decide again.
    public var isConflict: Bool {
        guard case .store(let reason) = self, case .conflict = reason.code else { return false }
        return true
    }

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .noSuchRun(let id): "There is no run '\(id)'. See 'shipit history' for those there are."
        case .ambiguousRun(let id, let candidates):
            "Several runs begin with '\(id)': \(candidates.joined(separator: ", ")). Write more of the id."
        case .unreadable(let journal, let position, let reason):
            "Entry \(position) of \(journal) cannot be read: \(reason). Use the newest shipit, and check with 'shipit audit verify' that nothing was changed."
        case .damaged(let reason): "\(reason.prefix(1).uppercased())\(reason.dropFirst())."
        case .store(let error): error.message
        }
    }
}
