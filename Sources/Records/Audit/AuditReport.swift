public import Journal

/// What a walk over all journals of a ledger found.
public struct AuditReport: Sendable {
    /// One journal that is not as it was written.
    public struct Fault: Hashable, Sendable, Codable {
        /// The sort of fault, by which programs decide.
        public enum Code: String, Hashable, Sendable, Codable {
            /// The chain of hashes is broken: an entry was changed, dropped, doubled or moved.
            case broken
            /// The newest entries are gone, or the whole journal is.
            case truncated
            /// The journal is whole in itself, and not the one that was seen before.
            case replaced
            /// The entries are as they were written, and this shipit cannot read one of them.
            case unreadable
            /// The stored summary is not what the journal says.
            case summary
        }

        /// The journal.
        public var journal: JournalName
        /// The position of the first wrong or missing entry.
        public var position: Int64
        /// The sort of fault.
        public var code: Code
        /// What is wrong there: a full sentence.
        public var message: String
    }

    /// Where every journal that is whole ends.
    public internal(set) var marks: [JournalName: Mark] = [:]
    /// How many entries were read.
    public internal(set) var entries: Int64 = 0
    /// How many journals were compared with what was remembered of them.
    public internal(set) var compared = 0
    /// How many journals were pruned: removed, with a record of where they ended.
    public internal(set) var pruned = 0
    /// What is wrong, in the order it was found; at most one fault a journal.
    public internal(set) var faults: [Fault] = []

    /// Whether everything is as it was written.
    public var isIntact: Bool { faults.isEmpty }
}
