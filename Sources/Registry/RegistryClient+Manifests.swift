import HTTP
import Hashing

/// Reading and tagging manifests (distribution specification, "Pulling manifests" and "Pushing Manifests").
extension RegistryClient {
    /// The manifest at a tag or digest; nil when the registry has none there.
    ///
    /// Its digest is computed from its bytes, and has to be the one the registry names and the one asked for.
    public func manifest(of image: ImageName, reference: ImageReference) async throws(RegistryError) -> Manifest? {
        let call = try manifestCall("GET", image, reference, purpose: "Reading the manifest of \(image)\(reference)")
        let response = try await perform(call)
        guard response.status == 200 else { return nil }
        let manifest = Manifest(bytes: response.body, mediaType: try mediaType(response, call))
        if case .digest(let wanted) = reference { try require(manifest.digest, wanted, "the one asked for", call) }
        try compare(manifest.digest, with: response, call)
        let inside = try manifest.document().mediaType
        // Two readings of one digest would be two images (CVE-2021-41190).
        guard inside == nil || inside == manifest.mediaType.rawValue else {
            throw RegistryError(
                .unexpected,
                "\(call.purpose) failed: it was sent as \(manifest.mediaType.rawValue) but says of itself that it is another form."
            )
        }
        return manifest
    }

    /// Whether the registry has a manifest of this digest, without fetching it.
    public func exists(_ digest: ImageDigest, of image: ImageName) async throws(RegistryError) -> Bool {
        let call = try manifestCall("HEAD", image, .digest(digest), purpose: "Looking for \(image)@\(digest)")
        let response = try await perform(call)
        guard response.status == 200 else { return false }
        try compare(digest, with: response, call)
        return true
    }

    /// Puts the same bytes under another tag, as moving `latest` does, and reads them back.
    ///
    /// A registry has no compare-and-swap: who must not move a tag backwards holds a lock around reading and this. A tag that
    /// is a full commit SHA is never moved: with another digest there, this throws `tagTaken`.
    public func tag(_ manifest: Manifest, as tag: String, of image: ImageName) async throws(RegistryError) {
        let reference = ImageReference.tag(tag)
        if Self.isCommit(tag), let present = try await self.manifest(of: image, reference: reference) {
            guard present.digest == manifest.digest else {
                throw RegistryError(
                    .tagTaken,
                    "Tagging \(image)\(reference) was refused: the tag of a commit never moves, and it holds \(present.digest), not "
                        + "\(manifest.digest). The usual cause is a second build of the same commit that came out differently: deploy "
                        + "the first, or make the build reproducible.")
            }
            return
        }
        let path = try reference.pathComponent()
        let call = Call(
            purpose: "Tagging \(image)\(reference)", scope: Scope(image: image, access: .push),
            request: HTTPRequest(
                method: "PUT", url: image.url("manifests/\(path)"), headers: ["Content-Type": manifest.mediaType.rawValue],
                body: manifest.bytes),
            accepted: [201])
        try compare(manifest.digest, with: try await perform(call), call)
        guard let present = try await self.manifest(of: image, reference: reference) else {
            throw RegistryError(.unexpected, "\(call.purpose) failed: the registry took it, and has no such tag when read back.")
        }
        try require(present.digest, manifest.digest, "the one written: somebody else moved the tag at the same time", call)
    }

    /// The bytes of a blob, whose digest is checked; registries keep them elsewhere and redirect there.
    func blob(_ digest: ImageDigest, of image: ImageName) async throws(RegistryError) -> [UInt8] {
        let call = Call(
            purpose: "Reading the configuration \(digest) of \(image)", scope: Scope(image: image, access: .pull),
            request: HTTPRequest(url: image.url("blobs/\(digest)"), responseLimit: Self.manifestLimit, redirects: 3),
            accepted: [200])
        let body = try await perform(call).body
        try require(ImageDigest(SHA256Sum(of: body)), digest, "the one asked for", call)
        return body
    }

    /// Whether the registry has a blob of this digest, without fetching it.
    func blobExists(_ digest: ImageDigest, of image: ImageName) async throws(RegistryError) -> Bool {
        let call = Call(
            purpose: "Looking for the part \(digest) of \(image)", scope: Scope(image: image, access: .pull),
            request: HTTPRequest(method: "HEAD", url: image.url("blobs/\(digest)"), redirects: 3), accepted: [200, 404])
        return try await perform(call).status == 200
    }

    /// What the specification wants every registry to take.
    private static let manifestLimit = 4 << 20

    private func manifestCall(
        _ method: String, _ image: ImageName, _ reference: ImageReference, purpose: String
    ) throws(RegistryError) -> Call {
        let url = image.url("manifests/\(try reference.pathComponent())")
        return Call(
            purpose: purpose, scope: Scope(image: image, access: .pull),
            request: HTTPRequest(
                method: method, url: url, headers: ["Accept": Manifest.MediaType.accept], responseLimit: Self.manifestLimit,
                redirects: 3),
            accepted: [200, 404])
    }

    private func mediaType(_ response: HTTPResponse, _ call: Call) throws(RegistryError) -> Manifest.MediaType {
        let sent = response.headers.first("Content-Type") ?? ""
        let name = sent.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard let type = Manifest.MediaType(rawValue: name) else {
            throw RegistryError(
                .unexpected,
                "\(call.purpose) failed: its media type \"\(name.prefix(100))\" is none of: \(Manifest.MediaType.accept).")
        }
        return type
    }

    /// Compares with `Docker-Content-Digest`, where it is sent; older registries leave it out, and other algorithms are not ours.
    private func compare(_ digest: ImageDigest, with response: HTTPResponse, _ call: Call) throws(RegistryError) {
        guard let text = response.headers.first("Docker-Content-Digest"), text.hasPrefix("sha256:") else { return }
        try require(digest, try ImageDigest(received: text), "the one the registry names", call)
    }

    private func require(_ found: ImageDigest, _ wanted: ImageDigest, _ what: String, _ call: Call) throws(RegistryError) {
        guard found == wanted else {
            throw RegistryError(.digestMismatch, "\(call.purpose) failed: the digest is \(found), not \(wanted), \(what).")
        }
    }

    private static func isCommit(_ tag: String) -> Bool {
        tag.utf8.count == 40 && tag.utf8.allSatisfy { $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }
}
