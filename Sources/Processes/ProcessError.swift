/// Why a program did not run, or could not be watched to its end.
///
/// How it ended is an ``Outcome``, never an error.
public struct ProcessError: Error, CustomStringConvertible {
    /// The kinds of failure, for callers that decide by them.
    public enum Code: Sendable, Hashable {
        /// No such program, or it is in no directory of the command's `PATH`.
        case notFound
        /// The program's file exists but may not be executed.
        case notExecutable
        /// The directory to run in does not exist.
        case workingDirectoryMissing
        /// An argument or a variable that no program could receive.
        case invalidCommand
        /// The task was cancelled before anything started.
        case cancelled
        /// The kernel refused to start the program.
        case cannotStart
        /// The `started` closure threw; the process group was ended again. ``ProcessError/underlying`` is what it threw.
        case refused
        /// The program was started, but its end could not be observed.
        case lostSight
    }

    /// What kind of failure it is.
    public let code: Code
    /// What was tried, on what, why it failed and what to do.
    public let description: String
    /// What the `started` closure threw, for ``Code/refused``.
    public let underlying: (any Error)?

    init(_ code: Code, _ description: String, underlying: (any Error)? = nil) {
        self.code = code
        self.description = description
        self.underlying = underlying
    }
}
