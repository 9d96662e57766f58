/// Why something could not be learned from a repository.
public struct GitError: Error, Hashable, CustomStringConvertible {
    /// The kinds of failure, for callers that decide by them.
    public enum Code: Sendable, Hashable {
        /// The folder is in no repository.
        case noRepository
        /// The repository belongs to another user, so that its configuration cannot be trusted.
        case foreignOwner
        /// The repository has no work tree.
        case bare
        /// The current branch has no commit yet.
        case noCommitYet
        /// No commit, branch or tag of that name is here.
        case unknownRevision
        /// Several commits begin with these digits.
        case ambiguousRevision
        /// The history ends before the question could be answered.
        case incompleteHistory
        /// An object that should be here is not.
        case missingObject
        /// No such path in the commit, or not of the kind that is needed.
        case unknownPath
        /// A file is larger than the caller allows.
        case tooLarge
        /// A path in the commit would lead out of the folder it is written to.
        case unsafePath
        /// A file could not be read or written.
        case file
        /// Text that is no commit identifier.
        case invalidCommitID
        /// Anything else the library reports.
        case library
    }

    /// What kind of failure it is.
    public let code: Code
    /// What was tried, on what, why it failed and what to do.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
