/// A commit as people are shown it.
public struct CommitLine: Hashable, Sendable, Codable {
    /// Its SHA.
    public var commit: String
    /// The first line of its message, shortened.
    public var subject: String
    /// Who wrote it: the name alone, shortened.
    public var author: String?
    /// When it was committed, in milliseconds since 1970.
    public var committed: Int64

    /// A commit.
    public init(commit: String, subject: String, author: String?, committed: Int64) {
        self.commit = commit
        self.subject = subject
        self.author = author
        self.committed = committed
    }
}

/// The commits by which a Change differs from what ran when it was frozen, for whoever must agree to it.
///
/// Told beside the Change: its hash covers what would be deployed, and these are only how that came about.
public struct CommitSpan: Hashable, Sendable, Codable {
    /// How many of each are told.
    public static let most = 50

    /// The commit that ran; nil when nothing did.
    public var from: String?
    /// What the Change brings, newest first.
    public var brought: [CommitLine]
    /// What runs and would not any more, newest first: the Change is no descendant of it.
    public var dropped: [CommitLine]
    /// Whether there are more than are told.
    public var isCut: Bool

    /// A span, of which no more than ``most`` of each are kept.
    public init(from: String?, brought: [CommitLine], dropped: [CommitLine]) {
        self.from = from
        self.brought = Array(brought.prefix(Self.most))
        self.dropped = Array(dropped.prefix(Self.most))
        isCut = brought.count > Self.most || dropped.count > Self.most
    }
}
