import Testing

@testable import Registry

@Suite struct NameTests {
    @Test(arguments: [
        ("ghcr.io/org/repo/api", "ghcr.io", "org/repo/api", false), ("localhost/a", "localhost", "a", true),
        ("localhost:5000/a-b/c__d/e.f_g", "localhost:5000", "a-b/c__d/e.f_g", true),
        ("127.0.0.1:5056/a", "127.0.0.1:5056", "a", true),
        ("registry:5000/a---b", "registry:5000", "a---b", false),
    ])
    func `takes a name apart`(text: String, host: String, repository: String, isLoopback: Bool) throws {
        let name = try ImageName(text)
        #expect(name.host == host)
        #expect(name.repository == repository)
        #expect(name.isLoopback == isLoopback)
        #expect(name.description == text)
        #expect(name.url("x").hasPrefix(isLoopback ? "http://" : "https://"))
    }

    @Test(arguments: [
        "", "api", "org/api", "ghcr.io", "ghcr.io/", "ghcr.io/Org/api", "GHCR.io/org", "ghcr.io/org/api:tag", "ghcr.io//api",
        "ghcr.io/org/", "ghcr.io/org/api@sha256:0", "ghcr.io/org/..", "ghcr.io/-a", "ghcr.io/a-", "ghcr.io/a..b", "ghcr.io/a___b",
        "ghcr.io/a b", "ghcr.io/a?b", "ghcr.io/ä", "user@ghcr.io/a", "ghcr.io:0/a", "ghcr.io:65536/a", "ghcr.io:x/a",
        "ghcr.io:/a",
        "https://ghcr.io/a", "a:b:1/c", ".io/a", "ghcr.io/%2e%2e", "ghcr.io/" + String(repeating: "a", count: 300),
    ])
    func `refuses what is no name`(text: String) {
        #expect { try ImageName(text) } throws: { ($0 as? RegistryError)?.code == .invalidName }
    }

    @Test(arguments: ["latest", "_", "v1.2-3_4", String(repeating: "a", count: 128)]) func `takes a tag`(tag: String) throws {
        #expect(try ImageReference.tag(tag).pathComponent() == tag)
    }

    @Test(arguments: ["", ".a", "-a", "a/b", "a b", "a?b", "../x", "ä", String(repeating: "a", count: 129)])
    func `refuses what is no tag`(tag: String) {
        #expect { try ImageReference.tag(tag).pathComponent() } throws: { ($0 as? RegistryError)?.code == .invalidName }
    }

    @Test(arguments: [
        "sha256:", "sha256:ab", "sha512:" + String(repeating: "a", count: 64), "sha256:" + String(repeating: "A", count: 64),
    ])
    func `refuses what is no digest`(text: String) {
        #expect { try ImageDigest(text) } throws: { ($0 as? RegistryError)?.code == .invalidName }
    }
}
