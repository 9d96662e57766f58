/// Why a registry did not do what it was asked.
///
/// The text says what was tried, on what, what came back, and what to do.
public struct RegistryError: Error, Sendable, Equatable {
    /// What went wrong.
    public enum Code: Sendable, Equatable {
        /// A name, tag, digest or file is not well-formed; nothing was sent.
        case invalidName
        /// The registry wants credentials, or refuses those it got.
        case unauthorized
        /// The registry knows who asks and says no.
        case denied
        /// There is no such image.
        case notFound
        /// Too many requests.
        case rateLimited
        /// What came is not what was asked for, or not what was sent.
        case digestMismatch
        /// A tag that may not move belongs to another digest.
        case tagTaken
        /// The answer broke off.
        case truncated
        /// No answer: no address, no listener, no trust, or too slow.
        case unreachable
        /// The registry answers that it cannot work now.
        case unavailable
        /// The task was cancelled.
        case cancelled
        /// An answer that breaks the protocol.
        case unexpected
    }

    /// What went wrong.
    public let code: Code
    /// Whether trying later, with nothing changed, may help.
    public let passing: Bool
    /// The whole sentence, with the remedy.
    public let description: String
    /// How long the registry asked to wait, where it did.
    public let retryAfter: Duration?

    init(_ code: Code, passing: Bool = false, retryAfter: Duration? = nil, _ description: String) {
        self.code = code
        self.passing = passing
        self.retryAfter = retryAfter
        self.description = description
    }
}

extension RegistryError: CustomStringConvertible {}
