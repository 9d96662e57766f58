import Glibc
import Processes
import Testing

@Suite struct RunTests {
    @Test(arguments: [0, 1, 7, 255] as [Int32])
    func `a code other than zero is a value and no error`(code: Int32) async throws {
        let outcome = try await capture(shell("exit \(code)")).outcome
        #expect(outcome.termination == .exited(code))
        #expect(outcome.ended == .byItself)
        #expect(outcome.succeeded == (code == 0))
        #expect(outcome.elapsed > .zero)
    }

    @Test func `tells which signal ended the program`() async throws {
        let outcome = try await capture(shell("kill -9 $$")).outcome
        #expect(outcome.termination == .signaled(9))
        #expect(outcome.ended == .byItself)
    }

    @Test func `passes arguments through without a shell`() async throws {
        let words = ["a b", "$HOME", "; rm", "'", "\"", "*", "", "ä\n"]
        let captured = try await capture(
            Command("printf", ["[%s]"] + words, environment: ["PATH": "/usr/bin:/bin"], deadline: .seconds(30)))
        #expect(captured.text == words.map { "[\($0)]" }.joined())
    }

    @Test func `keeps the two streams apart and each in order`() async throws {
        let captured = try await capture(shell("for i in 1 2 3; do echo out$i; echo err$i >&2; done"))
        #expect(captured.text == "out1\nout2\nout3\n")
        #expect(captured.errorText == "err1\nerr2\nerr3\n")
    }

    @Test func `gives the program exactly the environment it was given`() async throws {
        let environment = ["ONE": "1", "EMPTY": "", "TEXT": "a=b c\nd"]
        let captured = try await capture(Command("/usr/bin/env", ["-0"], environment: environment, deadline: .seconds(30)))
        #expect(Set(captured.text.split(separator: "\0").map(String.init)) == ["ONE=1", "EMPTY=", "TEXT=a=b c\nd"])
    }

    @Test func `offers our own environment`() {
        #expect(Command.inheritedEnvironment["PATH"] != nil)
    }

    @Test func `runs where it is told to`() async throws {
        #expect(try await capture(shell("pwd -P", workingDirectory: "/usr/bin")).text.hasSuffix("/bin\n"))
    }

    @Test func `feeds the input, and takes it well if nobody reads it`() async throws {
        let input = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let echoed = try await capture(
            Command("/bin/cat", environment: [:], input: input, deadline: .seconds(60)), limit: 4_000_000)
        #expect(echoed.standardOutput == input)
        #expect(try await capture(shell("true", input: input)).outcome.succeeded)
        #expect(try await capture(Command("/bin/cat", environment: [:], deadline: .seconds(60))).standardOutput.isEmpty)
    }

    @Test func `hands over bytes that are no text`() async throws {
        let bytes = (0...255).map { UInt8($0) }
        #expect(
            try await capture(Command("/bin/cat", environment: [:], input: bytes, deadline: .seconds(60))).standardOutput == bytes
        )
    }

    @Test func `announces the program before its output`() async throws {
        let transcript = Transcript()
        _ = try await run(shell("echo program $$")) { identity in
            await transcript.add(Array("announced \(identity.pid) \(identity.isAlive)\n".utf8), from: .standardOutput)
        } output: { stream, piece in
            await transcript.add(piece, from: stream)
        }
        let lines = await transcript.text.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.map(\.first) == ["announced", "program"])
        #expect(lines[0][1] == lines[1][1])
    }

    @Test func `delivers output while the program runs`() async throws {
        // The program answers only once its first line was seen: with held-back output this would wait for ever.
        let folder = "/tmp/processes-live-\(UInt64.random(in: 0 ... .max))"
        let transcript = Transcript()
        _ = try await run(
            shell(
                "mkdir \(folder); echo ready; until [ -e \(folder)/go ]; do sleep 0.01; done; rm -r \(folder); echo gone",
                deadline: .seconds(20))
        ) { stream, piece in
            await transcript.add(piece, from: stream)
            if await transcript.text == "ready\n" {
                _ = try? await capture(Command("/bin/sh", ["-c", ": > \(folder)/go"], environment: [:], deadline: .seconds(10)))
            }
        }
        #expect(await transcript.text == "ready\ngone\n")
    }

    @Test func `passes fifty megabytes through bounded memory`() async throws {
        let before = try await residentBytes()
        actor Counter {
            var bytes = 0
            var largest = 0
            func add(_ count: Int) {
                bytes += count
                largest = max(largest, count)
            }
        }
        let counter = Counter()
        let outcome = try await run(shell("head -c 52428800 /dev/zero")) { _, piece in await counter.add(piece.count) }
        #expect(outcome.succeeded)
        #expect(await counter.bytes == 52_428_800)
        #expect(await counter.largest <= 65_536)
        #expect(try await residentBytes() - before < 25_000_000)
    }

    @Test func `keeps the head of the output and the tail of the errors`() async throws {
        let captured = try await capture(shell("seq 1 100000; seq 1 100000 >&2"), limit: 1000)
        #expect(captured.standardOutput.count == 1000 && captured.text.hasPrefix("1\n2\n3\n"))
        #expect(captured.standardError.count == 1000 && captured.errorText.hasSuffix("\n99999\n100000\n"))
        #expect(captured.standardOutputTruncated && captured.standardErrorTruncated)
        let exact = try await capture(shell("printf 12345; printf 12345 >&2"), limit: 5)
        #expect(!exact.standardOutputTruncated && !exact.standardErrorTruncated)
    }

    @Test func `runs sixty-four programs at once`() async throws {
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...64 {
                group.addTask {
                    Int(try await capture(shell("sleep 0.2; echo \(number)")).text.split(separator: "\n").first ?? "") ?? 0
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 64 * 65 / 2)
    }

    @Test func `leaves no descriptor and no zombie behind`() async throws {
        // A program of its own is asked about us, so that other tests in this process do not disturb the count of its children.
        var identities: [ProcessIdentity] = []
        for _ in 1...20 {
            let (stream, continuation) = AsyncStream.makeStream(of: ProcessIdentity.self)
            _ = try await run(shell("true")) {
                continuation.yield($0)
            } output: { _, _ in
            }
            continuation.finish()
            for await identity in stream { identities.append(identity) }
        }
        #expect(identities.count == 20)
        #expect(identities.allSatisfy { ProcessIdentity(pid: $0.pid) != $0 })
    }
}
