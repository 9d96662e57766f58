import FoundationEssentials
import Glibc
import Testing

@testable import Processes

@Suite struct ProcessIdentityTests {
    @Test func `we are alive, also after a journey through JSON`() throws {
        let identity = try ProcessIdentity.current()
        #expect(identity.pid == getpid())
        #expect(identity.isAlive)
        let copy = try JSONDecoder().decode(ProcessIdentity.self, from: JSONEncoder().encode(identity))
        #expect(copy == identity && copy.isAlive)
    }

    @Test func `the same number with another start or boot is another process`() throws {
        let identity = try ProcessIdentity.current()
        let json = String(decoding: try JSONEncoder().encode(identity), as: UTF8.self)
        for (truth, lie) in [("\(identity.startTime)", "\(identity.startTime + 1)"), (identity.bootID, "another boot")] {
            let forged = json.split(separator: truth, omittingEmptySubsequences: false).joined(separator: lie)
            let other = try JSONDecoder().decode(ProcessIdentity.self, from: Data(forged.utf8))
            #expect(other.pid == identity.pid && other != identity && !other.isAlive)
        }
    }

    @Test func `a program is alive while it runs and dead afterwards`() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: ProcessIdentity.self)
        _ = try await run(shell("true")) { identity in
            continuation.yield(identity)
        } output: { _, _ in
        }
        continuation.finish()
        for await identity in stream { #expect(!identity.isAlive) }
    }

    @Test func `a program and its children are found by a variable, while they run`() async throws {
        let value = "test/\(UInt64.random(in: .min ... .max))"
        var command = shell("echo $$; sleep 30 & echo $!; env -u KEY sleep 30 & wait")
        command.environment["KEY"] = value
        #expect(ProcessSearch(for: "KEY", value).found.isEmpty)
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let running = Task { [command] in
            _ = try? await run(command, output: { _, piece in continuation.yield(piece) })
        }
        var text = ""
        for await piece in stream {
            text += String(decoding: piece, as: UTF8.self)
            if text.split(separator: "\n").count == 2 { break }
        }
        let expected = Set(text.split(separator: "\n").compactMap { pid_t($0) })
        #expect(Set(ProcessSearch(for: "KEY", value).found.map(\.pid)).isSuperset(of: expected))
        #expect(ProcessSearch(for: "KEY", String(value.dropLast())).found.isEmpty, "the whole value counts")
        running.cancel()
        await running.value
        #expect(ProcessSearch(for: "KEY", value).found.isEmpty)
    }

    @Test func `a zombie is dead`() throws {
        // A child of our own that nobody waits for: a shell may reap its children whenever it likes.
        var zombie = pid_t()
        let name = unsafe strdup("true")
        defer { unsafe free(name) }
        let failure = unsafe posix_spawn(&zombie, "/bin/true", nil, nil, [name, nil], nil)
        try #require(failure == 0)
        defer { waitpid(zombie, nil, 0) }
        var information = unsafe siginfo_t()
        let waited = unsafe waitid(P_PID, id_t(zombie), &information, WEXITED | WNOWAIT)
        try #require(waited == 0)
        let identity = try #require(ProcessIdentity(pid: zombie))
        #expect(!identity.isAlive)
    }

    @Test func `we are somewhere, and whoever has our namespace is there too`() throws {
        let space = try #require(ProcessSpace.current)
        #expect(space.bootID == (try ProcessIdentity.current().bootID))
        #expect(space.namespace > 0)
        #expect(space.machineID.map { $0.utf8.count == 32 } ?? true)
    }

    @Test func `who may not be asked may be anybody's of the same user, if it is young enough`() {
        var search = ProcessSearch()
        #expect(search.mayMiss(startedBy: geteuid() + 1, since: 0), "others may not be in the table at all")
        #expect(!search.mayMiss(startedBy: geteuid(), since: 0))
        search.isComplete = true
        #expect(!search.mayMiss(startedBy: geteuid() + 1, since: 0))
        search.hidden = [.init(startTime: 100, users: [7, 8, 8, 8])]
        #expect(search.mayMiss(startedBy: 7, since: 100) && search.mayMiss(startedBy: 8, since: 99))
        #expect(!search.mayMiss(startedBy: 7, since: 101) && !search.mayMiss(startedBy: 9, since: 0))
        search.hidden = [.init(startTime: nil, users: nil)]
        #expect(search.mayMiss(startedBy: 9, since: 101))
    }

    @Test func `a number is known to be taken`() {
        #expect(ProcessIdentity.exists(1) && ProcessIdentity.exists(getpid()))
        #expect(!ProcessIdentity.exists(.max))
    }
}
