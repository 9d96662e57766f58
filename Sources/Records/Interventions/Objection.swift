/// Why what a person decides is not recorded: it does not fit what has become of the run or the environment.
public struct Objection: Error, Sendable, Hashable {
    /// What kind of objection it is.
    public enum Kind: Sendable, Hashable {
        /// The run or the environment is not in a state for it.
        case unfit
        /// Another Change waits than the one the person has seen.
        case otherChange
    }

    /// What kind of objection it is.
    public let kind: Kind
    /// What is so: full sentences.
    public let message: String
    /// What to do next, on the command line.
    public let remedy: String?

    init(_ kind: Kind, _ message: String, remedy: String? = nil) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
    }
}

/// How somebody who records tells why nothing was recorded.
public protocol Refusing: Error {
    /// The ledger could not do it.
    init(_ error: LedgerError)
    /// It does not fit.
    init(_ objection: Objection)
}
