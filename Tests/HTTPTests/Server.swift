import FoundationEssentials
import HTTP
import Peers

/// `Tests/Support/http_peer.py`, running.
struct Server {
    private let peer: Peer
    let port: Int

    /// One for all tests whose requests do not meet each other.
    static let shared = Result { try Server() }

    init(tls files: [String] = []) throws {
        peer = try Peer(["python3", Peer.support("http_peer.py")] + files)
        port = peer.facts["port"].flatMap { Int($0) } ?? 0
    }

    func url(_ path: String, host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }
}

/// What `/echo` answers.
struct Echo: Decodable {
    let method: String
    let headers: [[String]]
    let body: String

    init(_ response: HTTPResponse) throws {
        self = try JSONDecoder().decode(Echo.self, from: Data(response.body))
    }

    func value(_ name: String) -> String? { headers.first { $0.first?.lowercased() == name.lowercased() }?.last }
}
