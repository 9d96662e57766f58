import Testing

@testable import Registry

@Suite(.timeLimit(.minutes(10))) struct ImageTests {
    let registry: TestRegistry
    let image: ImageName
    let client = RegistryClient.test()

    init() throws {
        registry = try TestRegistry.shared.get()
        image = try registry.image()
    }

    @Test func `describes a single image`() async throws {
        let digest = try await registry.pushImage(to: image, tag: "v1", revision: "abc")
        let description = try await client.describe(of: image, digest: digest)
        #expect(description.digest == digest)
        #expect(description.revision == "abc")
        #expect(description.source == "https://example.org/r")
        #expect(description.labels["any"] == "thing")
        #expect(description.size == Int64("layer one".count + "layer two of abc amd64".count))
        #expect(description.platforms.map(\.description) == ["linux/amd64"])
        // The label is older than the configuration: inherited from a base.
        #expect(description.created == "2026-03-04T05:06:07.123456789Z")
    }

    @Test func `describes an index by its first real platform`() async throws {
        let digest = try await registry.pushIndex(to: image, tag: "v1").index
        let description = try await client.describe(of: image, digest: digest)
        #expect(description.digest == digest)
        #expect(description.revision == "r1")
        #expect(description.platforms.map(\.description) == ["linux/amd64", "linux/arm64/v8"])
    }

    @Test func `follows a blob to where the registry keeps it, without the token`() async throws {
        let digest = try await registry.pushImage(to: image, tag: "v1")
        let elsewhere = try registry.image()
        let moved = "http://localhost:\(registry.host.split(separator: ":")[1])/v2/\(elsewhere.repository)/elsewhere"
        try await registry.add(
            .init(path: "\(image.repository)/blobs/", status: 307, headers: ["Location": moved]),
            .init(path: "\(elsewhere.repository)/elsewhere", status: 200, body: "other bytes"))
        // The bytes there are others: that they were fetched and compared is what the error shows.
        let error = await error { () throws(RegistryError) in try await client.describe(of: image, digest: digest) }
        #expect(error?.code == .digestMismatch)
        #expect(try await registry.requests(elsewhere).map(\.authorization) == [""])
    }

    @Test func `finds a whole image whole`() async throws {
        let pushed = try await registry.pushIndex(to: image, tag: "v1")
        #expect(try await client.missingParts(of: image, digest: pushed.index) == [])
        #expect(try await client.missingParts(of: image, digest: pushed.amd) == [])
    }

    @Test func `names a platform that was deleted from under its index`() async throws {
        let pushed = try await registry.pushIndex(to: image, tag: "v1")
        try await registry.delete("manifests/\(pushed.arm)", of: image)
        #expect(try await client.missingParts(of: image, digest: pushed.index) == [pushed.arm])
        #expect(try await client.missingParts(of: image, digest: pushed.amd) == [])
        #expect(try await client.missingParts(of: image, digest: pushed.arm) == [pushed.arm])
    }

    @Test func `names a layer that is gone`() async throws {
        let digest = try await registry.pushImage(to: image, tag: "v1")
        let manifest = try #require(try await client.manifest(of: image, reference: .digest(digest)))
        let layer = try #require(try manifest.document().layers?.last?.digest)
        try await registry.delete("blobs/\(layer)", of: image)
        #expect(try await client.missingParts(of: image, digest: digest) == [try ImageDigest(layer)])
    }

    @Test func `does not take a refusal for an absence`() async throws {
        let digest = try await registry.pushImage(to: image, tag: "v1")
        try await registry.add(.init(path: "\(image.repository)/blobs/", method: "HEAD", status: 500))
        let error = await error { () throws(RegistryError) in try await client.missingParts(of: image, digest: digest) }
        #expect(error?.code == .unavailable)
        #expect(error?.passing == true)
    }
}
