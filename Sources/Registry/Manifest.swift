import FoundationEssentials
import Hashing

/// A manifest as the registry holds it: the very bytes, since its digest is over them.
public struct Manifest: Sendable, Equatable {
    /// The four forms that are read.
    public enum MediaType: String, Sendable, CaseIterable {
        /// An OCI index: one child for each platform.
        case ociIndex = "application/vnd.oci.image.index.v1+json"
        /// Docker's form of an index.
        case dockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
        /// An OCI manifest: a configuration and layers.
        case ociManifest = "application/vnd.oci.image.manifest.v1+json"
        /// Docker's form of a manifest, schema 2.
        case dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"

        /// All four in one line: what stands in between may pass on only the first of several `Accept` lines.
        static let accept = allCases.map(\.rawValue).joined(separator: ", ")
    }

    /// The bytes.
    public let bytes: [UInt8]
    /// Their form.
    public let mediaType: MediaType
    /// Their digest.
    public let digest: ImageDigest

    init(bytes: [UInt8], mediaType: MediaType) {
        self.bytes = bytes
        self.mediaType = mediaType
        digest = ImageDigest(SHA256Sum(of: bytes))
    }

    /// What the bytes say.
    func document() throws(RegistryError) -> ManifestDocument {
        do {
            return try JSONDecoder().decode(ManifestDocument.self, from: Data(bytes))
        } catch {
            throw RegistryError(
                .unexpected, "The manifest \(digest) is not of the form its media type \(mediaType.rawValue) names.")
        }
    }
}

/// The parts of the four forms that are used (image specification, "Image Index" and "Image Manifest").
struct ManifestDocument: Decodable {
    struct Descriptor: Decodable {
        let mediaType: String?
        let digest: String
        let size: Int64
        let platform: Platform?

        /// The digest, which has to be a SHA-256 one.
        func identity() throws(RegistryError) -> ImageDigest {
            try ImageDigest(received: digest)
        }

        /// Layers that registries may not hold, and clients get elsewhere.
        var isForeign: Bool {
            mediaType.map { $0.contains(".foreign.") || $0.contains(".nondistributable.") } ?? false
        }
    }

    struct Platform: Decodable {
        let os: String?
        let architecture: String?
        let variant: String?

        /// What buildx writes on attestations, which no machine runs.
        var isReal: Bool { os ?? "unknown" != "unknown" && architecture ?? "unknown" != "unknown" }
    }

    let mediaType: String?
    let config: Descriptor?
    let layers: [Descriptor]?
    let manifests: [Descriptor]?
    let annotations: [String: String]?
}
