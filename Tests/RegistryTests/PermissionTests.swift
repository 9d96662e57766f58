import Testing

@testable import Registry

/// Asking a registry whether it would take a push.
@Suite(.timeLimit(.minutes(10))) struct PermissionTests {
    let registry: TestRegistry
    let image: ImageName

    init() throws {
        registry = try TestRegistry.shared.get()
        image = try registry.image()
    }

    @Test func `who may push is told so, and nothing is sent`() async throws {
        try await RegistryClient.test().requirePush(to: image)
        let requests = try await registry.requests(image).filter { $0.path.contains("blobs/uploads") && $0.status != 401 }
        #expect(requests.map(\.method) == ["POST"])
        #expect(requests.map(\.status) == [202])
        #expect(try await RegistryClient.test().manifest(of: image, reference: .tag("latest")) == nil)
    }

    @Test(arguments: [nil, Credentials(user: "octo", password: "wrong")])
    func `who is not known is refused`(credentials: Credentials?) async throws {
        let client = RegistryClient.test(as: credentials)
        let error = await error { () throws(RegistryError) in try await client.requirePush(to: image) }
        #expect(error?.code == .unauthorized || error?.code == .denied, "\(String(describing: error))")
        #expect(error?.description.contains("write:packages") ?? false)
    }

    @Test func `who may not write is refused`() async throws {
        try await registry.add(.init(path: "\(image.repository)/blobs/uploads", method: "POST", status: 403))
        let error = await error { () throws(RegistryError) in try await RegistryClient.test().requirePush(to: image) }
        #expect(error?.code == .denied)
    }
}
