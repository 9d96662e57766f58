import Foundation

/// `Tests/Support/webhook_peer.py`, running: it takes webhooks well or badly, and tells what came.
public final class WebhookPeer: Sendable {
    /// Something that was posted.
    public struct Post: Decodable, Sendable {
        /// Where to, without the host.
        public var path: String
        /// Its headers, their names in lower case.
        public var headers: [String: String]
        /// The body.
        public var body: String
        /// Whether Python finds its signature to be that of ``WebhookPeer/key``.
        public var isSigned: Bool
    }

    /// What messages are to be signed with.
    public static let key = "whsec_" + Data("a key of the tests alone".utf8).base64EncodedString()

    private let peer: Peer
    /// Its address, without a path.
    public let address: String

    /// Starts one.
    public init() throws {
        peer = try Peer(["python3", Peer.support("webhook_peer.py"), Self.key])
        address = "http://127.0.0.1:\(peer.facts["port"] ?? "0")"
    }

    /// What was posted so far, in order.
    public func received() throws -> [Post] {
        let text = try String(contentsOfFile: peer.facts["received"] ?? "", encoding: .utf8)
        // A line without its end is still being written.
        return try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
            try JSONDecoder().decode(Post.self, from: Data(line.utf8))
        }
    }
}
