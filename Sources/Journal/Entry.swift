public import Hashing

/// One entry of a journal, as it is stored.
public struct Entry: Sendable, Hashable {
    /// The journal the entry belongs to.
    public let journal: JournalName
    /// Its place: the first entry is 1, and there are no gaps.
    public let position: Int64
    /// The stored bytes as they are; the chain covers these and never a re-encoding of them.
    public let body: [UInt8]
    /// The hash of the entry before; zero for the first.
    public let previous: SHA256Sum
    /// `Chain.hash` of the fields above.
    public let hash: SHA256Sum

    /// An entry as a store read it; nothing is checked here, `Chain.verify` does that.
    public init(journal: JournalName, position: Int64, body: [UInt8], previous: SHA256Sum, hash: SHA256Sum) {
        self.journal = journal
        self.position = position
        self.body = body
        self.previous = previous
        self.hash = hash
    }
}

/// The newest end of a journal.
public struct Head: Sendable, Hashable {
    /// The journal.
    public let journal: JournalName
    /// The position of its newest entry, which is also the number of its entries.
    public let position: Int64
    /// The hash of its newest entry.
    public let hash: SHA256Sum
    /// What the newest append that gave one said about the whole journal; see `Append.summary`.
    public let summary: [UInt8]?
    /// Whether somebody is waited for, as the newest append that spoke of it said; see `Append.isWaiting`.
    public let isWaiting: Bool
    /// When the newest entry was written: milliseconds since 1970, by the store's clock.
    public let updated: Int64

    /// A head as a store read it.
    public init(
        journal: JournalName, position: Int64, hash: SHA256Sum, summary: [UInt8]?, isWaiting: Bool, updated: Int64
    ) {
        self.journal = journal
        self.position = position
        self.hash = hash
        self.summary = summary
        self.isWaiting = isWaiting
        self.updated = updated
    }
}

/// One journal's part of a transaction.
public struct Append: Sendable, Hashable {
    /// The journal to append to.
    public let journal: JournalName
    /// The position of the newest entry the writer has folded; 0 when the journal must not exist yet.
    public let expected: Int64
    /// The entries' bytes, in order; at least one.
    public let bodies: [[UInt8]]
    /// A projection of the journal after these entries, so that lists need not read every journal.
    ///
    /// Any bytes; replaced as a whole, and kept as it was when nil. It can always be rebuilt by folding the journal, so the
    /// hash chain does not cover it.
    public let summary: [UInt8]?
    /// Whether the journal waits for somebody after these entries, so that `Store.waiting` finds it; kept as it was when nil.
    ///
    /// A projection like the summary.
    public let isWaiting: Bool?
    /// Journals that these entries say are removed, with all their entries; none of them is appended to in the same batch.
    public let removing: [Removal]

    /// Appends `bodies` after position `expected` of `journal`.
    public init(
        _ journal: JournalName, expected: Int64, bodies: [[UInt8]], summary: [UInt8]? = nil, isWaiting: Bool? = nil,
        removing: [Removal] = []
    ) {
        self.journal = journal
        self.expected = expected
        self.bodies = bodies
        self.summary = summary
        self.isWaiting = isWaiting
        self.removing = removing
    }
}

/// A journal that is removed, and where it ended: what is left of it in the record of its removal.
public struct Removal: Hashable, Sendable, Codable {
    /// The journal.
    public var journal: JournalName
    /// Its newest entry, whose hash covers all before it.
    public var end: Mark

    /// The removal of `journal`, which ends at `end`.
    public init(_ journal: JournalName, end: Mark) {
        self.journal = journal
        self.end = end
    }
}
