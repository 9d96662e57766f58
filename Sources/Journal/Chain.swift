public import Hashing

/// The hash chain over a journal: each entry's hash covers the one before it, so a changed, dropped, moved or reordered
/// entry is found by reading the journal once.
public enum Chain {
    /// The hash of one entry: SHA-256 of `previous`, the journal's written name, a zero byte, the position as eight
    /// big-endian bytes, and the body.
    ///
    /// Everything before the body has a fixed length or ends at the zero byte, which a name cannot hold, so no two different
    /// entries hash the same bytes.
    public static func hash(journal: JournalName, position: Int64, previous: SHA256Sum, body: [UInt8]) -> SHA256Sum {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32 + 80 + 1 + 8 + body.count)
        bytes += previous.bytes
        bytes += journal.description.utf8
        bytes.append(0)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: position >> Int64(shift)))
        }
        bytes += body
        return SHA256Sum(of: bytes)
    }

    /// The entries that `bodies` become when appended to `journal` after `head`; a journal's first come after `(0, .zero)`.
    public static func extend(
        _ journal: JournalName, after head: (position: Int64, hash: SHA256Sum), bodies: [[UInt8]]
    ) -> [Entry] {
        var (position, previous) = head
        return bodies.map { body in
            position += 1
            let hash = hash(journal: journal, position: position, previous: previous, body: body)
            defer { previous = hash }
            return Entry(journal: journal, position: position, body: body, previous: previous, hash: hash)
        }
    }

    /// Checks that `entries` follow each other, and `head`, without a gap and unchanged; returns where they end.
    ///
    /// Whether the *newest* entries were dropped shows only against a head known from elsewhere: compare what this returns.
    @discardableResult
    public static func verify(
        _ entries: [Entry], of journal: JournalName, after head: (position: Int64, hash: SHA256Sum) = (0, .zero)
    ) throws(ChainError) -> (position: Int64, hash: SHA256Sum) {
        var (position, previous) = head
        for entry in entries {
            position += 1
            guard entry.journal == journal else {
                throw ChainError(journal: journal, position: position, fault: .otherJournal(entry.journal))
            }
            guard entry.position == position else {
                throw ChainError(journal: journal, position: position, fault: .otherPosition(entry.position))
            }
            guard entry.previous == previous else {
                throw ChainError(journal: journal, position: position, fault: .previousDiffers)
            }
            guard entry.hash == hash(journal: journal, position: position, previous: previous, body: entry.body) else {
                throw ChainError(journal: journal, position: position, fault: .hashDiffers)
            }
            previous = entry.hash
        }
        return (position, previous)
    }
}

/// Where a journal's hash chain is broken, and how.
public struct ChainError: Error, Hashable, CustomStringConvertible {
    /// What is wrong with the entry.
    public enum Fault: Hashable, Sendable {
        /// An entry of another journal stands here.
        case otherJournal(JournalName)
        /// An entry with another position stands here: one was dropped, doubled or moved.
        case otherPosition(Int64)
        /// The entry does not name the hash of the entry before it.
        case previousDiffers
        /// The entry's bytes are not the ones that were hashed.
        case hashDiffers
    }

    /// The journal that was checked.
    public let journal: JournalName
    /// The position at which the first wrong entry stands, or at which one is missing.
    public let position: Int64
    /// What is wrong there.
    public let fault: Fault

    /// A full sentence with the journal, the position and the fault.
    public var description: String {
        let found =
            switch fault {
            case .otherJournal(let name): "an entry of \(name) stands there"
            case .otherPosition(let other):
                "the entry there says that its position is \(other); one was dropped, doubled or moved"
            case .previousDiffers: "its link to the entry before does not match that entry's hash"
            case .hashDiffers: "its bytes are not the ones that were written; they or its hash were changed"
            }
        return "the journal \(journal) is not intact at position \(position): \(found)"
    }
}
