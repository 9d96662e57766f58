/// Why PostgreSQL did not do what it was asked.
public struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is; callers decide on this or on `sqlState`, never on the text.
    public enum Code: Sendable, Hashable {
        /// No server answers there, or it takes no connections now.
        case unreachable
        /// The server refused the user: password, or no permission.
        case refused
        /// The server has no such database.
        case databaseMissing
        /// The statement is wrong: its syntax, or a name in it.
        case syntax
        /// The statement would break a constraint of the data.
        case constraint
        /// The task was cancelled, and the statement with it.
        case cancelled
        /// The statement took longer than it was given.
        case timedOut
        /// The session ended before the answer came: whether the statement was done is not known.
        case connectionLost
        /// Anything else; `sqlState` and the message say what.
        case other
    }

    /// What kind of failure it is.
    public let code: Code
    /// The five characters of https://www.postgresql.org/docs/15/errcodes-appendix.html, when the server gave them.
    public let sqlState: String?
    /// What was tried and what the server said to it.
    public let message: String
    /// Where in the statement or script the server stumbled, in characters (Unicode scalars): the first is 1.
    public let position: Int?
    /// More about the failure, from the server.
    public let detail: String?
    /// What the server would try.
    public let hint: String?

    /// A failure of kind `code`, told as `message`.
    public init(
        _ code: Code, _ message: String, sqlState: String? = nil, position: Int? = nil, detail: String? = nil, hint: String? = nil
    ) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.position = position
        self.detail = detail
        self.hint = hint
    }

    /// Whether the same call may succeed later without anybody doing anything.
    ///
    /// After `.connectionLost` the caller must first find out whether the statement was done.
    public var passing: Bool {
        switch code {
        case .unreachable, .connectionLost: true
        case .refused, .databaseMissing, .syntax, .constraint, .cancelled, .timedOut: false
        case .other: Self.passingStates.contains(sqlState ?? "")
        }
    }

    /// Serialization failure, deadlock, lock not available.
    private static let passingStates = ["40001", "40P01", "55P03"]

    /// The message with detail and hint.
    public var description: String {
        [message, detail, hint.map { "Hint: " + $0 }].compactMap(\.self).joined(separator: " ")
    }

    /// The kind of failure a server's code stands for.
    static func code(for sqlState: String) -> Code {
        switch sqlState {
        case "3D000": .databaseMissing
        case "42501": .refused
        case "57014": .timedOut
        // Ended by an administrator, by another session's crash, or for being idle.
        case "57P01", "57P02", "57P05": .connectionLost
        // Starting up, or no connection left.
        case "57P03", "53300": .unreachable
        default:
            switch sqlState.prefix(2) {
            case "28": .refused
            case "08": .connectionLost
            case "23": .constraint
            case "42": .syntax
            default: .other
            }
        }
    }
}
