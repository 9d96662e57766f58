import HTTP
import Testing

@testable import Registry

@Suite(.timeLimit(.minutes(10))) struct RetryTests {
    let registry: TestRegistry
    let image: ImageName
    let diary = Diary()

    init() throws {
        registry = try TestRegistry.shared.get()
        image = try registry.image()
    }

    @Test(arguments: ["rate-limited", "secondary-limit", "broken", "bad-gateway", "unavailable", "truncated"])
    func `tries again what passes`(fault: String) async throws {
        let digest = try await registry.pushImage(to: image, tag: "v1")
        try await registry.add(.init(path: "\(image.repository)/manifests/v1", fault: fault, times: 3))
        let client = RegistryClient.test(diary)
        #expect(try await client.manifest(of: image, reference: .tag("v1"))?.digest == digest)
        #expect(diary.waits.count == 3)
        #expect(diary.waits.allSatisfy { $0 >= .milliseconds(250) && $0 <= .seconds(30) })
    }

    @Test(arguments: [
        ("rate-limited", RegistryError.Code.rateLimited), ("secondary-limit", .rateLimited), ("broken", .unavailable),
        ("bad-gateway", .unavailable),
        ("unavailable", .unavailable), ("truncated", .truncated),
    ])
    func `gives up after five attempts, and says that it may pass`(fault: String, code: RegistryError.Code) async throws {
        try await registry.pushImage(to: image, tag: "v1")
        try await registry.add(.init(path: "\(image.repository)/manifests/v1", fault: fault))
        let client = RegistryClient.test(diary)
        let error = await error { () throws(RegistryError) in try await client.manifest(of: image, reference: .tag("v1")) }
        #expect(error?.code == code)
        #expect(error?.passing == true)
        #expect(diary.waits.count == 4)
    }

    @Test func `waits as long as it is asked to`() async throws {
        let path = "\(image.repository)/manifests/v1"
        try await registry.add(
            .init(path: path, fault: "rate-limited", times: 1),
            .init(path: path, fault: "rate-limited", times: 1, headers: ["Retry-After": "7"]),
            .init(path: path, fault: "unavailable", times: 1, headers: ["Retry-After": "30"]))
        _ = try await RegistryClient.test(diary).manifest(of: image, reference: .tag("v1"))
        #expect(diary.waits == [.milliseconds(250), .seconds(7), .seconds(30)])
        let start = "Reading the manifest of \(image):v1: \(registry.host) answered HTTP"
        #expect(
            diary.notices == [
                "\(start) 429. Asking again within 1 s.", "\(start) 429. Asking again within 7 s.",
                "\(start) 503. Asking again within 30 s.",
            ])
    }

    @Test func `hands a long wait to the caller`() async throws {
        try await registry.add(
            .init(path: "\(image.repository)/manifests/v1", fault: "rate-limited", headers: ["Retry-After": "3600"]))
        let client = RegistryClient.test(diary)
        let error = await error { () throws(RegistryError) in try await client.manifest(of: image, reference: .tag("v1")) }
        #expect(error?.code == .rateLimited)
        #expect(error?.retryAfter == .seconds(3600))
        #expect(diary.waits.isEmpty)
    }

    @Test(arguments: ["unauthorized", "denied"]) func `does not try again what stays`(fault: String) async throws {
        try await registry.add(.init(path: "\(image.repository)/manifests/v1", fault: fault))
        let client = RegistryClient.test(diary)
        let error = await error { () throws(RegistryError) in try await client.manifest(of: image, reference: .tag("v1")) }
        #expect(error?.passing == false)
        #expect(diary.waits.isEmpty)
    }

    @Test func `says when no registry listens`() async throws {
        let image = try ImageName("127.0.0.1:1/test/image")
        let client = RegistryClient.test(diary)
        let error = await error { () throws(RegistryError) in try await client.tags(of: image) }
        #expect(error?.code == .unreachable)
        #expect(error?.passing == true)
    }

    @Test func `stops waiting when cancelled`() async throws {
        try await registry.add(.init(path: "\(image.repository)/manifests/v1", fault: "unavailable"))
        let client = RegistryClient(
            http: .init(), timing: .init(sleep: { _ in throw CancellationError() }), credentials: { _ in nil })
        let error = await error { () throws(RegistryError) in try await client.manifest(of: image, reference: .tag("v1")) }
        #expect(error?.code == .cancelled)
    }

    @Test func `waits between the floor and the cap, whatever chance says`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        for _ in 0..<2000 {
            // SplitMix64.
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            let chance = Double((mixed ^ (mixed >> 31)) >> 11) / Double(1 << 53)
            let timing = RegistryTiming(random: { chance })
            let failures = Int(mixed % 40) + 1
            let own = timing.wait(after: failures, asked: nil)
            #expect(own.map { $0 >= timing.floor && $0 <= timing.cap } == true, "seed \(seed)")
            let asked = Duration.milliseconds(Int64(mixed >> 44) % 40_000)
            let wait = timing.wait(after: failures, asked: asked)
            #expect(asked > timing.cap ? wait == nil : wait.map { $0 >= asked && $0 >= timing.floor } == true, "seed \(seed)")
        }
    }
}
