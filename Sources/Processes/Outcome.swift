/// How a program that did start came to its end.
public struct Outcome: Sendable, Hashable {
    /// The way the kernel reports an end.
    public enum Termination: Sendable, Hashable {
        /// The program ended by itself with this code, 0…255.
        case exited(Int32)
        /// This signal ended it.
        case signaled(Int32)
    }

    /// Who decided that it ends.
    public enum Ending: Sendable, Hashable {
        /// The program itself, or a stranger's signal.
        case byItself
        /// We did: ``Command/deadline`` had passed.
        case deadline
        /// We did: the task was cancelled.
        case cancelled
    }

    /// How the program ended.
    public let termination: Termination
    /// Who ended it.
    public let ended: Ending
    /// From just before its start until it and its process group were gone.
    public let elapsed: Duration

    /// Whether the program ended by itself with code 0.
    public var succeeded: Bool { termination == .exited(0) && ended == .byItself }
}

/// Where a piece of output came from.
public enum OutputStream: Sendable, Hashable {
    /// File descriptor 1.
    case standardOutput
    /// File descriptor 2.
    case standardError
}
