import FoundationEssentials
import HTTP
import Hashing
import Peers
import Registry
import Testing

/// A genuine docker-registry behind GHCR's token flow: `Tests/Support/registry`.
///
/// One for all tests: each uses repositories of its own.
struct TestRegistry {
    static let shared = Result { try TestRegistry() }
    static let octo = Credentials(user: "octo", password: "octo-secret")

    private let peer: Peer
    private let http = HTTPClient()
    let host: String

    init() throws {
        peer = try Peer(["bash", Peer.support("registry")])
        host = "127.0.0.1:\(peer.facts["port"] ?? "")"
    }

    /// A name nobody else uses.
    func image(_ folder: String = "test") throws -> ImageName {
        try ImageName("\(host)/\(folder)/\(UUID().uuidString.lowercased())")
    }

    /// A fault, as `ghcr_front.py` describes it, on the requests whose path matches.
    struct Fault: Encodable {
        var path: String
        var method: String?
        var fault: String?
        var after: Int?
        var times: Int?
        var status: Int?
        var headers: [String: String]?
        var body: String?
    }

    func add(_ faults: Fault...) async throws {
        let body = try JSONEncoder().encode(faults)
        #expect(try await http.send(HTTPRequest(method: "POST", url: "http://\(host)/_faults", body: Array(body))).status == 204)
    }

    struct Request: Decodable {
        let method: String
        let path: String
        let status: Int
        let authorization: String
    }

    /// What the front saw of a repository, token requests included.
    func requests(_ image: ImageName) async throws -> [Request] {
        let last = image.repository.split(separator: "/").last ?? ""
        let response = try await http.send(HTTPRequest(url: "http://\(host)/_requests?path=\(last)"))
        return try JSONDecoder().decode([Request].self, from: Data(response.body))
    }

    // MARK: Pushing, as a build tool does

    private struct TokenAnswer: Decodable { let token: String }

    private func authorization(_ image: ImageName) async throws -> String {
        let basic = Data("octo:octo-secret".utf8).base64EncodedString()
        let response = try await http.send(
            HTTPRequest(
                url: "http://\(host)/token?service=ghcr.local&scope=repository:\(image.repository):pull,push,delete",
                headers: ["Authorization": "Basic \(basic)"]))
        return "Bearer " + (try JSONDecoder().decode(TokenAnswer.self, from: Data(response.body)).token)
    }

    private func send(
        _ method: String, _ url: String, _ image: ImageName, type: String, body: [UInt8]? = nil
    ) async throws -> HTTPResponse {
        try await http.send(
            HTTPRequest(
                method: method, url: url, headers: ["Authorization": authorization(image), "Content-Type": type], body: body))
    }

    /// Pushes a blob and returns its descriptor.
    func push(blob text: String, type: String, to image: ImageName) async throws -> String {
        let digest = "sha256:\(SHA256Sum(of: text).hex)"
        let base = "http://\(host)/v2/\(image.repository)"
        let opened = try await send("POST", "\(base)/blobs/uploads/", image, type: type, body: [])
        let location = try HTTPAddress(base).resolving(try #require(opened.headers.first("Location"))).adding("digest", digest)
        let done = try await send("PUT", location.text, image, type: "application/octet-stream", body: Array(text.utf8))
        try #require(done.status == 201)
        return #"{"mediaType":"\#(type)","digest":"\#(digest)","size":\#(text.utf8.count)}"#
    }

    @discardableResult
    func push(manifest text: String, type: String, tag: String, to image: ImageName) async throws -> ImageDigest {
        let url = "http://\(host)/v2/\(image.repository)/manifests/\(tag)"
        let response = try await send("PUT", url, image, type: type, body: Array(text.utf8))
        try #require(response.status == 201, "\(String(decoding: response.body, as: UTF8.self))")
        return ImageDigest(SHA256Sum(of: text))
    }

    func delete(_ part: String, of image: ImageName) async throws {
        let response = try await send("DELETE", "http://\(host)/v2/\(image.repository)/\(part)", image, type: "")
        try #require(response.status == 202)
    }

    static let ociManifest = "application/vnd.oci.image.manifest.v1+json"
    static let ociIndex = "application/vnd.oci.image.index.v1+json"

    /// Pushes an image of two layers and a configuration with a `revision` label.
    @discardableResult
    func pushImage(
        to image: ImageName, tag: String, revision: String = "r1", docker: Bool = false, architecture: String = "amd64"
    ) async throws -> ImageDigest {
        let configuration = """
            {"os":"linux","architecture":"\(architecture)","created":"2026-03-04T05:06:07.123456789Z","config":{"Labels":{\
            "org.opencontainers.image.revision":"\(revision)","org.opencontainers.image.source":"https://example.org/r",\
            "org.opencontainers.image.created":"2020-01-01T00:00:00Z","any":"thing"}},"rootfs":{"type":"layers","diff_ids":[]}}
            """
        let kind = docker ? "application/vnd.docker" : "application/vnd.oci.image"
        let configType = docker ? "\(kind).container.image.v1+json" : "\(kind).config.v1+json"
        let layerType = docker ? "\(kind).image.rootfs.diff.tar.gzip" : "\(kind).layer.v1.tar+gzip"
        let config = try await push(blob: configuration, type: configType, to: image)
        let layers = [
            try await push(blob: "layer one", type: layerType, to: image),
            try await push(blob: "layer two of \(revision) \(architecture)", type: layerType, to: image),
        ]
        let type = docker ? "\(kind).distribution.manifest.v2+json" : Self.ociManifest
        return try await push(
            manifest:
                #"{"schemaVersion":2,"mediaType":"\#(type)","config":\#(config),"layers":[\#(layers.joined(separator: ","))]}"#,
            type: type, tag: tag, to: image)
    }

    /// Pushes an index as buildx does: an attestation first, then the platforms.
    func pushIndex(to image: ImageName, tag: String) async throws -> (index: ImageDigest, amd: ImageDigest, arm: ImageDigest) {
        let amd = try await pushImage(to: image, tag: "\(tag)-amd64")
        let arm = try await pushImage(to: image, tag: "\(tag)-arm64", architecture: "arm64")
        let attestation = try await pushImage(to: image, tag: "\(tag)-att", revision: "attestation", architecture: "unknown")
        func child(_ digest: ImageDigest, _ platform: String) -> String {
            #"{"mediaType":"\#(Self.ociManifest)","digest":"\#(digest)","size":500,"platform":{\#(platform)}}"#
        }
        let children = [
            child(attestation, #""os":"unknown","architecture":"unknown""#), child(amd, #""os":"linux","architecture":"amd64""#),
            child(arm, #""os":"linux","architecture":"arm64","variant":"v8""#),
        ]
        let text =
            #"{"schemaVersion":2,"mediaType":"\#(Self.ociIndex)","manifests":[\#(children.joined(separator: ","))]}"#
        return (try await push(manifest: text, type: Self.ociIndex, tag: tag, to: image), amd, arm)
    }
}
