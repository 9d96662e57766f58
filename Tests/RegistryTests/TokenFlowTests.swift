import Testing

@testable import Registry

@Suite(.timeLimit(.minutes(10))) struct TokenFlowTests {
    let registry: TestRegistry
    let image: ImageName
    let diary = Diary()

    init() throws {
        registry = try TestRegistry.shared.get()
        image = try registry.image()
    }

    @Test func `asks bare, then for a token with the credentials, then again, and keeps the token`() async throws {
        let client = RegistryClient.test()
        #expect(try await client.manifest(of: image, reference: .tag("v1")) == nil)
        #expect(try await registry.requests(image).map(\.authorization) == ["", "Basic", "Bearer"])
        #expect(try await client.manifest(of: image, reference: .tag("v2")) == nil)
        #expect(try await registry.requests(image).map(\.authorization) == ["", "Basic", "Bearer", "Bearer"])
    }

    @Test func `asks for another token to push`() async throws {
        let client = RegistryClient.test()
        try await registry.pushImage(to: image, tag: "v1")
        let manifest = try #require(try await client.manifest(of: image, reference: .tag("v1")))
        let before = try await registry.requests(image).count
        try await client.tag(manifest, as: "latest", of: image)
        #expect(try await registry.requests(image).dropFirst(before).map(\.authorization) == ["", "Basic", "Bearer", "Bearer"])
    }

    @Test func `pulls what is public without credentials`() async throws {
        try await registry.pushImage(to: image, tag: "v1")
        let client = RegistryClient.test(as: nil)
        let manifest = try #require(try await client.manifest(of: image, reference: .tag("v1")))
        let error = await error { () throws(RegistryError) in try await client.tag(manifest, as: "latest", of: image) }
        #expect(error?.code == .unauthorized)
        #expect(error?.description.contains("docker login") == true)
    }

    @Test func `gets a new token shortly before the old one expires`() async throws {
        let clock = TestClock()
        let client = RegistryClient.test(clock: clock)
        _ = try await client.manifest(of: image, reference: .tag("v1"))
        clock.advance(by: .seconds(289))
        _ = try await client.manifest(of: image, reference: .tag("v1"))
        #expect(try await registry.requests(image).filter { $0.path.hasPrefix("/token") }.count == 1)
        clock.advance(by: .seconds(2))
        _ = try await client.manifest(of: image, reference: .tag("v1"))
        #expect(try await registry.requests(image).filter { $0.path.hasPrefix("/token") }.count == 2)
    }

    @Test func `takes an access_token, and sixty seconds where no life is told`() async throws {
        let clock = TestClock()
        let client = RegistryClient.test(clock: clock)
        try await registry.add(
            .init(path: "/token.*\(image.repository.split(separator: "/")[1])", status: 200, body: #"{"access_token":"opaque"}"#),
            .init(path: "\(image.repository)/manifests", after: 1, status: 404))
        _ = try await client.manifest(of: image, reference: .tag("v1"))
        clock.advance(by: .seconds(49))
        _ = try await client.manifest(of: image, reference: .tag("v1"))
        #expect(try await registry.requests(image).filter { $0.path.hasPrefix("/token") }.count == 1)
        clock.advance(by: .seconds(2))
        _ = try await client.manifest(of: image, reference: .tag("v1"))
        #expect(try await registry.requests(image).map(\.authorization).suffix(1) == [""])
    }

    @Test func `replaces a token that is no longer taken`() async throws {
        let client = RegistryClient.test()
        try await registry.pushImage(to: image, tag: "v1")
        _ = try await client.manifest(of: image, reference: .tag("v1"))
        let realm = #"Bearer realm="http://\#(registry.host)/token",service="ghcr.local""#
        try await registry.add(
            .init(
                path: "\(image.repository)/manifests", fault: "unauthorized", times: 1, headers: ["WWW-Authenticate": realm]))
        #expect(try await client.manifest(of: image, reference: .tag("v1")) != nil)
    }

    @Test func `leaves out refused credentials for a public image, and says so`() async throws {
        try await registry.pushImage(to: image, tag: "v1")
        let client = RegistryClient.test(diary, as: Credentials(user: "octo", password: "hunter2"))
        #expect(try await client.manifest(of: image, reference: .tag("v1")) != nil)
        #expect(diary.notices.count == 1)
        #expect(diary.notices.first?.contains("octo") == true)
        #expect(diary.notices.first?.contains("hunter2") == false)
        // Without credentials, absence is no knowledge.
        let error = await error { () throws(RegistryError) in try await client.manifest(of: image, reference: .tag("absent")) }
        #expect(error?.code == .unauthorized)
    }

    @Test func `pulls anonymously when a token of the user is denied`() async throws {
        try await registry.pushImage(to: image, tag: "v1")
        try await registry.add(.init(path: "\(image.repository)/manifests/v1", fault: "denied", after: 1, times: 1))
        let client = RegistryClient.test(diary)
        #expect(try await client.manifest(of: image, reference: .tag("v1")) != nil)
        #expect(diary.notices.count == 1)
    }

    @Test func `refuses to push with refused credentials`() async throws {
        try await registry.pushImage(to: image, tag: "v1")
        let client = RegistryClient.test(diary, as: Credentials(user: "octo", password: "hunter2"))
        let manifest = try #require(try await client.manifest(of: image, reference: .tag("v1")))
        let error = await error { () throws(RegistryError) in try await client.tag(manifest, as: "latest", of: image) }
        #expect(error?.code == .denied)
        #expect(error.map { String(reflecting: $0).contains("hunter2") } == false)
    }

    @Test func `says three causes when a push is denied`() async throws {
        try await registry.pushImage(to: image, tag: "v1")
        try await registry.add(.init(path: "\(image.repository)/manifests/latest", method: "PUT", fault: "denied"))
        let client = RegistryClient.test()
        let manifest = try #require(try await client.manifest(of: image, reference: .tag("v1")))
        let error = await error { () throws(RegistryError) in try await client.tag(manifest, as: "latest", of: image) }
        #expect(error?.code == .denied)
        #expect(error?.passing == false)
        for part in ["(1)", "(2)", "(3)", "write:packages", "Manage Actions access", "permission_denied: write_package"] {
            #expect(error?.description.contains(part) == true, "\(part)")
        }
    }

    @Test func `does not see a private image without credentials`() async throws {
        let image = try registry.image("private")
        try await registry.pushImage(to: image, tag: "v1")
        #expect(try await RegistryClient.test().manifest(of: image, reference: .tag("v1")) != nil)
        let client = RegistryClient.test(as: nil)
        let error = await error { () throws(RegistryError) in try await client.manifest(of: image, reference: .tag("v1")) }
        #expect(error?.code == .unauthorized)
    }

    @Test func `speaks Basic where the registry does`() async throws {
        try await registry.add(
            .init(
                path: "\(image.repository)/manifests", fault: "unauthorized", times: 1,
                headers: ["WWW-Authenticate": #"Basic realm="registry""#]),
            .init(path: "\(image.repository)/manifests", status: 404))
        let client = RegistryClient.test()
        #expect(try await client.manifest(of: image, reference: .tag("v1")) == nil)
        #expect(try await registry.requests(image).map(\.authorization) == ["", "Basic"])
    }

    @Test(arguments: [
        #"Bearer realm="http://registry.invalid/token""#, "Bearer service=x", #"Bearer realm="file:///etc/passwd""#,
    ])
    func `sends credentials nowhere in the clear`(challenge: String) async throws {
        try await registry.add(
            .init(path: image.repository, fault: "unauthorized", headers: ["WWW-Authenticate": challenge]))
        let client = RegistryClient.test()
        let error = await error { () throws(RegistryError) in try await client.manifest(of: image, reference: .tag("v1")) }
        // `unexpected` is our refusal; `unreachable` would mean that it was tried.
        #expect(error?.code == .unexpected)
    }
}
