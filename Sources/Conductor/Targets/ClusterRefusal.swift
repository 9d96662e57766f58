/// Why a cluster did not do what it was asked for, as far as the last words of helm or kubectl tell: they have no other way to say it.
enum ClusterRefusal: Hashable, Sendable {
    /// The user lacks a right.
    case forbidden
    /// It was away, busy, or somebody else was faster: asking again may help.
    case passing
    /// What was made did not get ready in time.
    case late
    /// Anything else, such as an object that it does not take.
    case refused

    /// Reads what ``words(of:)`` gives.
    init(_ words: String) {
        // A quota is told as a right that is lacking.
        if words.contains("is forbidden"), !words.contains("exceeded quota") {
            self = .forbidden
        } else if Self.passingWords.contains(where: { words.contains($0) }) {
            self = .passing
        } else if Self.lateWords.contains(where: { words.contains($0) }) {
            self = .late
        } else {
            self = .refused
        }
    }

    /// The API server's own sentences for 409, 429, 500, 503 and 504 (`k8s.io/apimachinery/pkg/api/errors`), and what Go's network says of
    /// a server that is not there or goes away.
    private static let passingWords = [
        "the object has been modified", "too many requests", "Too many requests", "etcdserver:",
        "the server is currently unable to handle the request", "the server was unable to return a response in the time allotted",
        "unexpected EOF", ": EOF", "connection refused", "connection reset by peer", "i/o timeout", "TLS handshake timeout",
        "http2: client connection lost", "http2: server sent GOAWAY", "no route to host", "network is unreachable",
        "no such host",
    ]
    /// Of helm 3 and of helm 4's three ways to wait.
    private static let lateWords = [
        "context deadline exceeded", "timed out waiting for the condition", "would exceed context deadline",
    ]

    /// The last words of helm or kubectl: their error, without what is said of every one.
    static func words(of standardError: String) -> String {
        let lines = standardError.split(separator: "\n", omittingEmptySubsequences: true)
        let start = lines.lastIndex { $0.hasPrefix("Error: ") || $0.hasPrefix("Error from server") || $0.hasPrefix("error: ") }
        let told = lines[(start ?? max(0, lines.count - 1))...].joined(separator: "\n")
        guard !told.isEmpty else { return "it said nothing" }
        var words = told[...]
        for prefix in ["Error: ", "error: ", "UPGRADE FAILED: ", "INSTALLATION FAILED: "] where words.hasPrefix(prefix) {
            words = words.dropFirst(prefix.count)
        }
        return String(words)
    }
}
