/// What is known of an image from its manifest and configuration.
public struct ImageDescription: Sendable, Equatable {
    /// The digest that was described: an index's, where it is one.
    public let digest: ImageDigest
    /// The labels.
    ///
    /// An image inherits those of its base: one that the build does not set itself speaks of another image.
    public let labels: [String: String]
    /// The sum of the layers as stored, compressed, in bytes; of the first platform, where there are several.
    public let size: Int64
    /// What it runs on; attestations are no platform.
    public let platforms: [ImagePlatform]
    /// When it was made, in RFC 3339: the manifest's annotation, or else the later of the label and the configuration's own
    /// time, since a label may be inherited from an older base.
    public let created: String?

    /// The commit it was built from: `org.opencontainers.image.revision`.
    public var revision: String? { labels["org.opencontainers.image.revision"] }
    /// The repository it was built from: `org.opencontainers.image.source`.
    public var source: String? { labels["org.opencontainers.image.source"] }
}

/// What an image runs on, as in `linux/arm64/v8`.
public struct ImagePlatform: Sendable, Hashable {
    /// The operating system, as in `linux`.
    public let os: String
    /// The processor, as in `amd64`.
    public let architecture: String
    /// The processor's variant, as in `v8`.
    public let variant: String?
}

extension ImagePlatform: CustomStringConvertible {
    /// The platform as docker writes it: `OS/ARCHITECTURE[/VARIANT]`.
    public var description: String { "\(os)/\(architecture)" + (variant.map { "/" + $0 } ?? "") }
}
