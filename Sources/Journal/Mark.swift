public import Hashing

/// A place in a journal: a position and the hash of the entry there, which covers everything before it.
public struct Mark: Hashable, Sendable, Codable {
    /// The entry's position; 0 stands for the beginning.
    public let position: Int64
    /// The entry's hash; zero at the beginning.
    public let hash: SHA256Sum

    /// A place in a journal.
    public init(position: Int64, hash: SHA256Sum) {
        self.position = position
        self.hash = hash
    }

    /// Before the first entry.
    public static let beginning = Mark(position: 0, hash: .zero)
}

extension Head {
    /// The place of the newest entry.
    public var mark: Mark { Mark(position: position, hash: hash) }
}
