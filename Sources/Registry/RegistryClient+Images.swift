import CivilTime
import FoundationEssentials
import HTTP

/// Questions about whole images: what one is, and whether all of it is there.
extension RegistryClient {
    /// Describes the image of that digest; an index is followed to its first real platform.
    public func describe(of image: ImageName, digest: ImageDigest) async throws(RegistryError) -> ImageDescription {
        let top = try await document(digest, of: image)
        var leaf = top
        var platforms: [ImagePlatform] = []
        if let children = top.manifests {
            let real = children.filter { $0.platform?.isReal ?? true }
            platforms = real.compactMap { $0.platform.flatMap { ImagePlatform($0) } }
            guard let first = real.first else {
                throw RegistryError(.unexpected, "\(image)@\(digest) holds nothing that runs: its index names no platform.")
            }
            leaf = try await document(try first.identity(), of: image)
        }
        guard let part = leaf.config else {
            throw RegistryError(.unexpected, "\(image)@\(digest) is no image: its manifest names no configuration.")
        }
        let bytes = try await blob(try part.identity(), of: image)
        guard let config = try? JSONDecoder().decode(ImageConfig.self, from: Data(bytes)) else {
            throw RegistryError(.unexpected, "The configuration \(part.digest) of \(image)@\(digest) is no image's.")
        }
        if platforms.isEmpty, let os = config.os, let architecture = config.architecture {
            platforms = [ImagePlatform(os: os, architecture: architecture, variant: config.variant)]
        }
        let labels = config.config?.Labels ?? [:]
        let key = "org.opencontainers.image.created"
        return ImageDescription(
            digest: digest, labels: labels, size: (leaf.layers ?? []).reduce(0) { $0 + $1.size }, platforms: platforms,
            created: leaf.annotations?[key] ?? top.annotations?[key] ?? Self.later(labels[key], config.created))
    }

    /// The digests of all parts of an image that the registry does not have: manifests, configurations and layers.
    ///
    /// Registries are cleaned by tools that delete what no tag names, and with it the platforms of an index whose own tag stays.
    /// Empty means that the image can be pulled whole; the digest itself is among the missing when it is.
    public func missingParts(of image: ImageName, digest: ImageDigest) async throws(RegistryError) -> [ImageDigest] {
        var blobs: [ImageDigest] = []
        var missing: [ImageDigest] = []
        var waiting = [digest]
        var seen: Set<ImageDigest> = [digest]
        while let next = waiting.popLast() {
            guard let manifest = try await manifest(of: image, reference: .digest(next)) else {
                missing.append(next)
                continue
            }
            guard seen.count <= Self.partLimit else {
                throw RegistryError(
                    .unexpected, "Checking \(image)@\(digest) was ended: it has more than \(Self.partLimit) parts.")
            }
            let document = try manifest.document()
            for child in document.manifests ?? [] {
                let child = try child.identity()
                if seen.insert(child).inserted { waiting.append(child) }
            }
            for part in [document.config].compactMap({ $0 }) + (document.layers ?? []) where !part.isForeign {
                let part = try part.identity()
                if seen.insert(part).inserted { blobs.append(part) }
            }
        }
        return missing + (try await absent(blobs, of: image))
    }

    private static let partLimit = 1000

    /// Asks for a few at a time: registries count requests.
    ///
    /// The first error is the answer, and nothing more is asked.
    private func absent(_ blobs: [ImageDigest], of image: ImageName) async throws(RegistryError) -> [ImageDigest] {
        let outcome = await withTaskGroup(of: (ImageDigest, Result<Bool, RegistryError>).self) { group in
            var rest = blobs[...]
            var absent: Set<ImageDigest> = []
            func startOne() {
                guard let digest = rest.popFirst() else { return }
                group.addTask { (digest, await blobIsThere(digest, of: image)) }
            }
            for _ in 0..<4 { startOne() }
            while let (digest, result) = await group.next() {
                switch result {
                case .success(let isThere):
                    if !isThere { absent.insert(digest) }
                    startOne()
                case .failure(let error):
                    group.cancelAll()
                    return Result<Set<ImageDigest>, RegistryError>.failure(error)
                }
            }
            return .success(absent)
        }
        let absent = try outcome.get()
        return blobs.filter { absent.contains($0) }
    }

    private func blobIsThere(_ digest: ImageDigest, of image: ImageName) async -> Result<Bool, RegistryError> {
        do throws(RegistryError) {
            return .success(try await blobExists(digest, of: image))
        } catch {
            return .failure(error)
        }
    }

    private func document(_ digest: ImageDigest, of image: ImageName) async throws(RegistryError) -> ManifestDocument {
        guard let manifest = try await manifest(of: image, reference: .digest(digest)) else {
            throw RegistryError(
                .notFound,
                "There is no \(image)@\(digest): it was never pushed, or was deleted, as tools that clean up untagged parts do.")
        }
        return try manifest.document()
    }

    private static func later(_ one: String?, _ other: String?) -> String? {
        let moments = [one, other].compactMap { text in text.flatMap { UTCTime.seconds(rfc3339: $0) }.map { ($0, text) } }
        return moments.max { $0.0 < $1.0 }?.1
    }
}

extension ImagePlatform {
    fileprivate init?(_ platform: ManifestDocument.Platform) {
        guard let os = platform.os, let architecture = platform.architecture else { return nil }
        self.init(os: os, architecture: architecture, variant: platform.variant)
    }
}

/// Image specification, "Image Configuration".
private struct ImageConfig: Decodable {
    struct Settings: Decodable {
        let Labels: [String: String]?
    }

    let os: String?
    let architecture: String?
    let variant: String?
    let created: String?
    let config: Settings?
}
