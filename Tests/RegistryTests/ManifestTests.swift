import Testing

@testable import Registry

@Suite(.timeLimit(.minutes(10))) struct ManifestTests {
    let registry: TestRegistry
    let image: ImageName
    let client = RegistryClient.test()

    init() throws {
        registry = try TestRegistry.shared.get()
        image = try registry.image()
    }

    @Test(arguments: [false, true]) func `reads a manifest by tag and by digest`(docker: Bool) async throws {
        let digest = try await registry.pushImage(to: image, tag: "v1", docker: docker)
        let byTag = try #require(try await client.manifest(of: image, reference: .tag("v1")))
        let byDigest = try await client.manifest(of: image, reference: .digest(digest))
        #expect(byTag.digest == digest)
        #expect(byTag == byDigest)
        #expect(byTag.mediaType == (docker ? .dockerManifest : .ociManifest))
        #expect(try await client.exists(digest, of: image))
    }

    @Test func `reads an index as an index`() async throws {
        let pushed = try await registry.pushIndex(to: image, tag: "v1")
        let manifest = try await client.manifest(of: image, reference: .tag("v1"))
        #expect(manifest?.digest == pushed.index)
        #expect(manifest?.mediaType == .ociIndex)
        #expect(try await client.exists(pushed.index, of: image))
    }

    @Test func `has nothing where nothing is`() async throws {
        let absent = try ImageDigest("sha256:" + String(repeating: "ab", count: 32))
        #expect(try await client.manifest(of: image, reference: .tag("v1")) == nil)
        #expect(try await client.manifest(of: image, reference: .digest(absent)) == nil)
        #expect(try await client.exists(absent, of: image) == false)
        #expect(await error { () throws(RegistryError) in try await client.tags(of: image) }?.code == .notFound)
        #expect(
            await error { () throws(RegistryError) in try await client.describe(of: image, digest: absent) }?.code == .notFound)
    }

    @Test func `names both digests when the registry's is another`() async throws {
        let digest = try await registry.pushImage(to: image, tag: "v1")
        try await registry.add(.init(path: image.repository, fault: "wrong-digest"))
        let zero = "sha256:" + String(repeating: "0", count: 64)
        for reference in [ImageReference.tag("v1"), .digest(digest)] {
            let error = await error { () throws(RegistryError) in try await client.manifest(of: image, reference: reference) }
            #expect(error?.code == .digestMismatch)
            #expect(error?.description.contains(digest.description) == true)
            #expect(error?.description.contains(zero) == true)
        }
        #expect(await error { () throws(RegistryError) in try await client.exists(digest, of: image) }?.code == .digestMismatch)
    }

    @Test func `refuses other bytes than the digest asked for`() async throws {
        let digest = try await registry.pushImage(to: image, tag: "v1")
        try await registry.add(
            .init(
                path: "\(image.repository)/manifests/\(digest)", status: 200, headers: ["Content-Type": TestRegistry.ociManifest],
                body: #"{"schemaVersion":2}"#))
        let error = await error { () throws(RegistryError) in try await client.manifest(of: image, reference: .digest(digest)) }
        #expect(error?.code == .digestMismatch)
    }

    @Test(arguments: [
        ("text/html", "<html>"), ("application/vnd.docker.distribution.manifest.v1+prettyjws", "{}"),
        (TestRegistry.ociManifest, #"{"mediaType":"application/vnd.oci.image.index.v1+json"}"#),
        (TestRegistry.ociManifest, "<html>"),
    ])
    func `refuses what is no manifest it knows`(type: String, body: String) async throws {
        try await registry.add(
            .init(path: "\(image.repository)/manifests/v1", status: 200, headers: ["Content-Type": type], body: body))
        let error = await error { () throws(RegistryError) in try await client.manifest(of: image, reference: .tag("v1")) }
        #expect(error?.code == .unexpected)
    }

    @Test func `moves a tag by putting the same bytes under it`() async throws {
        let old = try await registry.pushImage(to: image, tag: "latest")
        let new = try await registry.pushIndex(to: image, tag: "v2").index
        let manifest = try #require(try await client.manifest(of: image, reference: .tag("v2")))
        try await client.tag(manifest, as: "latest", of: image)
        #expect(try await client.manifest(of: image, reference: .tag("latest"))?.digest == new)
        #expect(try await client.exists(old, of: image))
    }

    @Test func `says when somebody else moved the tag meanwhile`() async throws {
        try await registry.pushImage(to: image, tag: "other", revision: "r2")
        try await registry.pushImage(to: image, tag: "v1")
        let manifest = try #require(try await client.manifest(of: image, reference: .tag("v1")))
        let other = try #require(try await client.manifest(of: image, reference: .tag("other")))
        try await registry.add(
            .init(
                path: "\(image.repository)/manifests/latest", method: "GET", status: 200,
                headers: ["Content-Type": TestRegistry.ociManifest], body: String(decoding: other.bytes, as: UTF8.self)))
        let error = await error { () throws(RegistryError) in try await client.tag(manifest, as: "latest", of: image) }
        #expect(error?.code == .digestMismatch)
        #expect(error?.description.contains(other.digest.description) == true)
    }

    @Test func `never moves the tag of a commit`() async throws {
        let sha = "0123456789abcdef0123456789abcdef01234567"
        let first = try await registry.pushImage(to: image, tag: sha)
        try await registry.pushImage(to: image, tag: "rebuilt", revision: "r2")
        let same = try #require(try await client.manifest(of: image, reference: .tag(sha)))
        let other = try #require(try await client.manifest(of: image, reference: .tag("rebuilt")))
        try await client.tag(same, as: sha, of: image)
        #expect(await error { () throws(RegistryError) in try await client.tag(other, as: sha, of: image) }?.code == .tagTaken)
        #expect(try await client.manifest(of: image, reference: .tag(sha))?.digest == first)
    }
}
