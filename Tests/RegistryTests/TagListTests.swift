import Hashing
import Testing

@testable import Registry

@Suite(.timeLimit(.minutes(10))) struct TagListTests {
    let registry: TestRegistry
    let image: ImageName
    let client = RegistryClient.test()

    init() throws {
        registry = try TestRegistry.shared.get()
        image = try registry.image()
    }

    @Test func `follows the pages to the last`() async throws {
        let digest = try await registry.pushImage(to: image, tag: "t0")
        let manifest = try #require(try await client.manifest(of: image, reference: .digest(digest)))
        for number in 1...6 { try await client.tag(manifest, as: "t\(number)", of: image) }
        try await client.tag(manifest, as: "sha256-\(digest.sum.hex).sig", of: image)
        let expected = (0...6).map { "t\($0)" }
        #expect(try await client.tags(of: image, pageSize: 3) == expected)
        #expect(try await registry.requests(image).filter { $0.path.contains("tags/list") && $0.status == 200 }.count == 3)
        #expect(try await client.tags(of: image) == expected)
    }

    @Test func `has no tags after the last is deleted`() async throws {
        let digest = try await registry.pushImage(to: image, tag: "v1")
        try await registry.delete("manifests/\(digest)", of: image)
        #expect(try await client.tags(of: image) == [])
    }

    @Test(arguments: ["?n=1000", "?n=1000&last=b"]) func `ends when pages repeat`(next: String) async throws {
        try await registry.add(
            .init(
                path: "\(image.repository)/tags", status: 200,
                headers: ["Link": "</v2/\(image.repository)/tags/list\(next)>; rel=\"next\""], body: #"{"tags":["a","b"]}"#))
        let error = await error { () throws(RegistryError) in try await client.tags(of: image) }
        #expect(error?.code == .unexpected)
        #expect(try await registry.requests(image).filter { $0.path.contains("tags/list") }.count <= 2)
    }

    @Test func `does not take its token to another host`() async throws {
        let other = try registry.image()
        try await registry.add(
            .init(
                path: "\(image.repository)/tags", status: 200,
                headers: ["Link": "<http://localhost:\(registry.host.split(separator: ":")[1])/\(other.repository)>; rel=next"],
                body: #"{"tags":["a"]}"#))
        #expect(await error { () throws(RegistryError) in try await client.tags(of: image) }?.code == .unexpected)
        #expect(try await registry.requests(other).isEmpty)
    }
}
