/// Why there is no answer.
///
/// Its text names the method and the address without user, password and query, and no header value.
public struct HTTPError: Error, Sendable, Equatable {
    /// What went wrong.
    public enum Code: Sendable, Equatable {
        /// The address is not an absolute http or https one, or a redirect led to one that is not allowed.
        case invalidURL
        /// The method or a header holds characters that cannot be sent.
        case invalidHeader
        /// The host's name, or the proxy's, has no address.
        case cannotResolve
        /// Nobody accepts connections there.
        case refused
        /// The deadline passed.
        case timedOut
        /// The task was cancelled.
        case cancelled
        /// The connection ended before the answer was complete.
        case truncated
        /// The answer is longer than the request's limit.
        case tooLarge
        /// The certificate or the handshake is not acceptable.
        case tls
        /// More redirects than the request allows.
        case tooManyRedirects
        /// Anything else libcurl reports.
        case other
    }

    /// What went wrong.
    public let code: Code
    /// The whole sentence.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension HTTPError: CustomStringConvertible {}
