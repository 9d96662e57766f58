import Foundation
import HTTP
import Peers

/// A double of the issuer whose identities workflows of GitHub Actions have: see `github_issuer.py`.
public struct GitHubIssuer: Sendable {
    /// What stands in `iss`.
    public let url: String
    private let peer: Peer
    private let client = HTTPClient()

    /// Starts one, with one job that has the permission to ask who it is.
    ///
    /// Making its keys takes a while, in which no thread that other tests run on is held.
    public init() async throws {
        peer = try await withCheckedThrowingContinuation { started in
            DispatchQueue.global().async {
                started.resume(with: Result { try Peer(["python3", Peer.support("github_issuer.py")]) })
            }
        }
        url = peer.facts["url"] ?? ""
    }

    /// What GitHub gives the job.
    public var variables: [String: String] {
        [
            "GITHUB_ACTIONS": "true", "ACTIONS_ID_TOKEN_REQUEST_URL": peer.facts["job"] ?? "",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": secret,
        ]
    }

    /// What the job proves itself with.
    public var secret: String { peer.facts["secret"] ?? "" }

    /// Posts claims, and answers what is answered.
    @discardableResult
    public func post(_ path: String, _ claims: [String: Any] = [:]) async throws -> String {
        let body = Array(try JSONSerialization.data(withJSONObject: claims))
        let response = try await client.send(HTTPRequest(method: "POST", url: url + path, body: body))
        return String(decoding: response.body, as: UTF8.self)
    }

    /// How often the keys, or at `/job/asked` the job's identity, were asked for.
    public func count(_ path: String = "/asked") async throws -> Int {
        Int(String(decoding: try await client.send(HTTPRequest(url: url + path)).body, as: UTF8.self)) ?? -1
    }
}
