/// One commit, as far as people and plans need it.
public struct Commit: Sendable, Hashable {
    /// Its name.
    public let id: CommitID
    /// The name of its tree, 40 hexadecimal digits: two commits with the same one have the same content.
    public let tree: String
    /// Who wrote it.
    public let authorName: String
    /// When it was committed, in seconds since 1970 (UTC).
    public let time: Int64
    /// The first paragraph of its message, on one line.
    public let subject: String
}

/// Where the work tree stands.
public struct Head: Sendable, Hashable {
    /// The commit it started from.
    public let commit: CommitID
    /// The current branch without `refs/heads/`; `nil` when a commit is checked out by itself, as CI does.
    public let branch: String?
}

/// A path of the work tree that differs from the last commit.
public struct Change: Sendable, Hashable {
    /// In what way it differs; a path can be staged and modified again.
    public enum Kind: String, Sendable, Hashable {
        /// The index differs from the commit.
        case staged
        /// The file differs from the index.
        case modified
        /// Git does not know the path, and does not ignore it.
        case untracked
        /// A merge is not resolved.
        case conflicted
    }

    /// Relative to the root; bytes that are no UTF-8 are replaced.
    ///
    /// An untracked folder is one change and ends in a slash.
    public let path: String
    /// In what ways it differs.
    public let kinds: Set<Kind>
}

/// Whether one commit is another's ancestor.
public enum Ancestry: Sendable, Hashable {
    /// It is, or they are the same.
    case yes
    /// It is not; only ever said when the whole history is here.
    case no
    /// The history here ends too early to tell, or one of the commits is not here.
    case unknown
}

/// One file of a commit.
public struct TreeFile: Sendable, Hashable {
    /// What git knows about the kind of a file.
    public enum Mode: UInt32, Sendable, Hashable {
        /// An ordinary file.
        case file = 0o100644
        /// A file that may be executed.
        case executable = 0o100755
        /// A symbolic link; its content is its target.
        case link = 0o120000
    }

    /// The path from the root of the commit, as it was committed.
    public let pathBytes: [UInt8]
    /// The kind of file.
    public let mode: Mode
    /// The name of its content, 40 hexadecimal digits.
    public let blob: String
    /// The length of its content in bytes.
    public let size: Int

    /// ``pathBytes`` as text; bytes that are no UTF-8 are replaced.
    public var path: String { String(decoding: pathBytes, as: UTF8.self) }
}
