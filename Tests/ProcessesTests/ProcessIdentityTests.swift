import FoundationEssentials
import Glibc
import Processes
import Testing

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

    @Test func `a zombie is dead`() async throws {
        // The shell becomes a sleep that never waits for the child the shell had.
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        let task = Task {
            try await run(shell("true & echo $!; exec sleep 60")) { _, piece in line.yield(String(decoding: piece, as: UTF8.self))
            }
        }
        var iterator = lines.makeAsyncIterator()
        let printed = try #require(await iterator.next())
        let zombie = try #require(pid_t(printed.split(separator: "\n").joined()))
        while isRunning(zombie) { await Task.yield() }
        #expect(ProcessIdentity(pid: zombie) != nil)
        task.cancel()
        _ = try await task.value
    }
}
