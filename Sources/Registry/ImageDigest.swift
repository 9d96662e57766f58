public import Hashing

/// What an image, or a part of it, is: the SHA-256 sum of its bytes, written `sha256:` and 64 lower-case hexadecimal digits.
public struct ImageDigest: Hashable, Sendable {
    /// The sum.
    public let sum: SHA256Sum

    /// The digest of a sum.
    public init(_ sum: SHA256Sum) {
        self.sum = sum
    }

    /// Parses `sha256:<64 hex>`.
    public init(_ text: String) throws(RegistryError) {
        guard text.hasPrefix("sha256:"), let sum = SHA256Sum(hex: text.dropFirst("sha256:".count)) else {
            throw RegistryError(
                .invalidName, "The digest \"\(text)\" was refused: sha256: and 64 lower-case hexadecimal digits are wanted.")
        }
        self.sum = sum
    }

    /// Parses what a registry sent.
    init(received text: String) throws(RegistryError) {
        do throws(RegistryError) {
            try self.init(text)
        } catch {
            throw RegistryError(
                .unexpected,
                "The registry names a part by \"\(text.prefix(100))\", which is no sha256: digest; no other kind can be checked.")
        }
    }
}

extension ImageDigest: CustomStringConvertible {
    /// The digest as it is written.
    public var description: String { "sha256:\(sum.hex)" }
}

/// What a manifest is asked for by.
public enum ImageReference: Hashable, Sendable {
    /// A name that can be moved.
    case tag(String)
    /// The content itself.
    case digest(ImageDigest)

    /// The last part of the manifest's address.
    ///
    /// A tag is `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}` (distribution specification, "Pulling manifests").
    func pathComponent() throws(RegistryError) -> String {
        switch self {
        case .digest(let digest): return digest.description
        case .tag(let tag):
            let isWord = tag.utf8.first.map { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") } ?? false
            guard isWord, tag.utf8.count <= 128, tag.utf8.allSatisfy({ $0.isLetterOrDigit || "._-".utf8.contains($0) }) else {
                throw RegistryError(
                    .invalidName,
                    "The tag \"\(tag)\" was refused: at most 128 letters, digits, '_', '.' and '-' are wanted, not beginning with '.' or '-'."
                )
            }
            return tag
        }
    }
}

extension ImageReference: CustomStringConvertible {
    /// `:TAG` or `@DIGEST`, to be written behind a name.
    public var description: String {
        switch self {
        case .tag(let tag): ":\(tag)"
        case .digest(let digest): "@\(digest)"
        }
    }
}
