import Foundation
import Testing

@testable import Git

@Suite struct DiscoveryTests {
    @Test func `finds the repository from a folder inside it`() async throws {
        let workshop = try Workshop()
        try workshop.write("x", to: "a/b/file")
        let id = try workshop.commit("first")
        let repository = try workshop.repository(at: workshop.path + "/a/b")
        #expect(
            URL(fileURLWithPath: repository.root).resolvingSymlinksInPath()
                == URL(fileURLWithPath: workshop.path).resolvingSymlinksInPath())
        #expect(try await repository.head == Head(commit: id, branch: "main"))
        #expect(await !repository.isShallow)
    }

    @Test func `finds the root without opening anything, where git finds it`() throws {
        let workshop = try Workshop()
        try workshop.write("x", to: "a/b/file")
        try workshop.commit("first")
        try workshop.git("worktree", "add", "-q", "-b", "side", workshop.folder + "/side")
        try workshop.shell("ln -s a/b link")
        for place in [workshop.path, workshop.path + "/a/b", workshop.path + "/link", workshop.folder + "/side"] {
            #expect(try Repository.root(around: place) == workshop.repository(at: place).root, "\(place)")
        }
        #expect(try Repository.root(around: Workshop(empty: true).path) == nil)
        #expect(Repository.root(around: workshop.path + "/missing") == nil)
        #expect(Repository.root(around: "/") == nil)
    }

    @Test func `says how to get a repository where there is none`() async throws {
        let workshop = try Workshop(empty: true)
        #expect(await refusal { _ = try workshop.repository() } == .noRepository)
        #expect(await refusal { _ = try workshop.repository(at: workshop.path + "/missing") } == .noRepository)
    }

    @Test func `says that a bare repository will not do`() async throws {
        let workshop = try Workshop(empty: true)
        try workshop.git("init", "-q", "--bare")
        #expect(await refusal { _ = try workshop.repository() } == .bare)
    }

    @Test func `says that there is no commit yet`() async throws {
        let workshop = try Workshop()
        #expect(await refusal { _ = try await workshop.repository().head } == .noCommitYet)
    }

    @Test(.enabled(if: getuid() == 0, "only root can give a repository to somebody else"))
    func `names the remedy when the repository belongs to somebody else`() async throws {
        let workshop = try Workshop()
        try workshop.shell("chown -R 65534:65534 .")
        do {
            _ = try workshop.repository()
            Issue.record("opened somebody else's repository")
        } catch let error as GitError {
            #expect(error.code == .foreignOwner)
            #expect(error.description.contains("safe.directory"))
        }
    }

    @Test func `knows a detached head, as in CI`() async throws {
        let workshop = try Workshop()
        let id = try workshop.commit("first")
        try workshop.git("checkout", "-q", "--detach")
        #expect(try await workshop.repository().head == Head(commit: id, branch: nil))
    }

    @Test func `works in a second work tree and with packed references`() async throws {
        let workshop = try Workshop()
        let id = try workshop.commit("first")
        try workshop.git("tag", "-a", "v1", "-m", "one")
        try workshop.git("worktree", "add", "-q", "-b", "side", workshop.folder + "/side")
        try workshop.git("pack-refs", "--all")
        try workshop.git("gc", "-q")
        let repository = try workshop.repository(at: workshop.folder + "/side")
        #expect(try await repository.head == Head(commit: id, branch: "side"))
        #expect(try await repository.resolve("v1") == id)
        #expect(try await repository.changes().isEmpty)
    }

    @Test func `resolves names of every kind`() async throws {
        let workshop = try Workshop()
        let first = try workshop.commit("first")
        let second = try workshop.commit("second")
        try workshop.git("tag", "light", first.hex)
        try workshop.git("tag", "-a", "heavy", "-m", "h", first.hex)
        try workshop.git("branch", "feature/x", first.hex)
        let repository = try workshop.repository()
        for name in [first.hex, String(first.hex.prefix(10)), "light", "heavy", "feature/x", "refs/heads/feature/x", "HEAD~1"] {
            #expect(try await repository.resolve(name) == first, "\(name)")
        }
        #expect(try await repository.resolve("main") == second)
        let blob = try workshop.git("hash-object", "-w", "/dev/null")
        for name in ["nonsense", String(repeating: "0", count: 40), "", "a..b c", blob] {
            #expect(await refusal { _ = try await repository.resolve(name) } == .unknownRevision, "\(name)")
        }
    }

    @Test func `asks for more digits when several objects begin alike`() async throws {
        let workshop = try Workshop()
        try workshop.commit("first")
        // Of 300 objects some share their first four digits' worth of beginnings with near certainty; take a pair that does.
        try workshop.shell("for i in $(seq 1 600); do echo $i | git hash-object -w --stdin; done > ../ids")
        let ids = try workshop.shell("cat ../ids").split(separator: "\n").map(String.init)
        let groups = Dictionary(grouping: ids) { $0.prefix(4) }
        let shared = try #require(groups.first { $0.value.count > 1 }?.key)
        #expect(await refusal { _ = try await workshop.repository().resolve(String(shared)) } == .ambiguousRevision)
    }

    @Test(arguments: [
        ("https://github.com/org/app.git", "https://github.com/org/app.git"),
        ("https://token@github.com/org/app", "https://github.com/org/app"),
        ("https://user:pa:ss@github.com/org/app", "https://github.com/org/app"),
        ("http://user:p%40ss@host:8080/a@b", "http://host:8080/a@b"),
        ("ssh://git@github.com/org/app", "ssh://git@github.com/org/app"),
        ("ssh://git:password@github.com/org/app", "ssh://git@github.com/org/app"),
        ("git@github.com:org/app.git", "git@github.com:org/app.git"),
        ("/srv/git/app", "/srv/git/app"),
    ])
    func `shows a remote without its credentials`(url: String, shown: String) async throws {
        let workshop = try Workshop()
        try workshop.git("remote", "add", "origin", url)
        #expect(try await workshop.repository().remoteURL(named: "origin") == shown)
        #expect(try await workshop.repository().remoteURL(named: "other") == nil)
    }

    @Test func `accepts forty digits as a commit's name and nothing else`() async throws {
        let hex = String(repeating: "0123456789abcdef", count: 3).prefix(40)
        let id = try CommitID(String(hex))
        #expect(try JSONDecoder().decode([CommitID].self, from: JSONEncoder().encode([id])) == [id])
        for text in ["", "abc", hex.uppercased(), String(hex.dropLast()) + "g", hex + "0", "main"] {
            #expect(throws: GitError.self) { try CommitID(text) }
            #expect(throws: DecodingError.self) { try JSONDecoder().decode(CommitID.self, from: Data("\"\(text)\"".utf8)) }
        }
    }
}
