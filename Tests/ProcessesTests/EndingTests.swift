import Glibc
import Processes
import Testing

@Suite struct EndingTests {
    /// The numbers of the processes a script printed, one a line.
    private func pids(_ text: String) -> [pid_t] { text.split(separator: "\n").compactMap { pid_t($0) } }

    /// Returns once all are gone.
    ///
    /// KILL was sent when the call returned; the kernel gets to it a moment later.
    private func gone(_ pids: [pid_t]) async {
        while pids.contains(where: isRunning) { await Task.yield() }
    }

    /// What comes of a script at its deadline, which has to come after it said that it is ready.
    ///
    /// How long that takes nobody knows: where it came too early, the script has another try with all times longer.
    private func ended(
        _ script: String, deadline: Duration = .milliseconds(500), grace: Duration = .milliseconds(300),
        when isReady: (Captured) -> Bool
    ) async throws -> Captured {
        for factor in [1, 8] {
            let captured = try await capture(shell(script, deadline: deadline * factor, grace: grace * factor))
            if isReady(captured) { return captured }
        }
        return try await capture(shell(script, deadline: deadline * 64, grace: grace * 64))
    }

    @Test func `a deadline ends the program`() async throws {
        let captured = try await ended("echo before; sleep 600") { $0.text == "before\n" }
        #expect(captured.outcome.ended == .deadline)
        #expect(captured.outcome.termination == .signaled(SIGINT))
        #expect(captured.text == "before\n")
        #expect(captured.outcome.elapsed < .seconds(300))
    }

    @Test(arguments: [("INT", ["INT"]), ("TERM", ["INT", "TERM"])])
    func `a program may clean up and speak after INT, and after TERM`(heeded: String, told: [String]) async throws {
        let traps = ["INT", "TERM"].map { "trap 'echo \($0); \($0 == heeded ? "exit 3" : ":")' \($0)" }.joined(separator: "; ")
        let captured = try await ended("\(traps); echo up; while :; do sleep 0.05; done", grace: .seconds(1)) {
            $0.text.hasPrefix("up\n") && $0.outcome.termination == .exited(3)
        }
        #expect(captured.outcome.ended == .deadline)
        #expect(captured.outcome.termination == .exited(3))
        #expect(captured.text == (["up"] + told).map { "\($0)\n" }.joined())
    }

    @Test(.timeLimit(.minutes(10)))
    func `what ignores INT and TERM is killed after the grace, children and grandchildren too`() async throws {
        let script = "trap '' INT TERM; (trap '' INT TERM; sh -c 'echo $$; sleep 600' & wait) & echo $$; wait; sleep 600"
        let captured = try await ended(script) { pids($0.text).count == 2 }
        #expect(captured.outcome.ended == .deadline)
        #expect(captured.outcome.termination == .signaled(SIGKILL))
        #expect(captured.outcome.elapsed >= .milliseconds(1100))
        #expect(pids(captured.text).count == 2)
        await gone(pids(captured.text))
    }

    @Test(.timeLimit(.minutes(10))) func `a grandchild that ignores INT and TERM dies although its parent obeys`() async throws {
        let script = "(trap '' INT TERM; sh -c 'echo $$; sleep 600; sleep 600') & wait"
        let captured = try await ended(script) { pids($0.text).count == 1 }
        #expect(captured.outcome.termination == .signaled(SIGINT))
        #expect(pids(captured.text).count == 1)
        await gone(pids(captured.text))
        #expect(captured.outcome.elapsed < .seconds(300))
    }

    @Test(.timeLimit(.minutes(10))) func `a grandchild that keeps the output open does not hold the call`() async throws {
        let captured = try await capture(shell("sleep 600 & echo $!; exit 5"))
        #expect(captured.outcome.termination == .exited(5))
        #expect(captured.outcome.ended == .byItself)
        #expect(captured.outcome.elapsed < .seconds(300))
        #expect(pids(captured.text).count == 1)
        await gone(pids(captured.text))
    }

    @Test(.timeLimit(.minutes(10))) func `a grandchild without our output does not outlive the program`() async throws {
        let captured = try await capture(shell("sleep 600 >/dev/null 2>&1 & echo $!"))
        #expect(captured.outcome.succeeded)
        #expect(pids(captured.text).count == 1)
        await gone(pids(captured.text))
    }

    @Test func `the last words of a short-lived grandchild arrive`() async throws {
        let captured = try await capture(shell("(sleep 0.3; echo late) & echo early"))
        #expect(captured.text == "early\nlate\n")
    }

    @Test func `a descendant with a session of its own does not hold the call either`() async throws {
        // The shell ends when the other has its session, field 6 of its line, and not before.
        let captured = try await capture(
            shell("setsid sleep 600 & until [ \"$(cut -d' ' -f6 /proc/$!/stat)\" = $! ]; do :; done; echo $!"))
        #expect(captured.outcome.succeeded)
        #expect(captured.outcome.elapsed < .seconds(300))
        let escaped = pids(captured.text)
        try #require(!escaped.isEmpty)
        for pid in escaped { kill(pid, SIGKILL) }
    }

    @Test func `cancellation ends the program and returns what it ended with`() async throws {
        let up = Signpost()
        // A shell that has no trap may lose an INT that comes while it starts the next program.
        let program = shell("trap 'trap - INT; kill -INT $$' INT; echo up; while :; do sleep 0.1; done")
        let task = Task { try await run(program) { _, _ in up.reached() } }
        await up.wait()
        task.cancel()
        let outcome = try await task.value
        #expect(outcome.ended == .cancelled)
        #expect(outcome.termination == .signaled(SIGINT))
    }

    @Test func `a program that ignores INT and TERM is killed after a cancellation`() async throws {
        let up = Signpost()
        let task = Task {
            try await run(shell("trap '' INT TERM; echo up; while :; do sleep 1; done", grace: .milliseconds(200))) { _, _ in
                up.reached()
            }
        }
        await up.wait()
        task.cancel()
        let outcome = try await task.value
        #expect(outcome.ended == .cancelled)
        #expect(outcome.termination == .signaled(SIGKILL))
    }

    @Test func `a task cancelled before starts nothing`() async throws {
        let never = Signpost()
        let task = Task { () -> ProcessError? in
            // Returns once the task is cancelled.
            await never.wait()
            do {
                _ = try await capture(shell("exit 0"))
                return nil
            } catch let error as ProcessError { return error } catch { return nil }
        }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
    }

    @Test func `a start that cannot be recorded is undone`() async throws {
        struct LedgerClosed: Error {}
        let (stream, continuation) = AsyncStream.makeStream(of: ProcessIdentity.self)
        do {
            _ = try await run(shell("sleep 60")) { identity in
                continuation.yield(identity)
                throw LedgerClosed()
            } output: { _, _ in
            }
            Issue.record("ran on although its start was refused")
        } catch {
            #expect(error.code == .refused)
            #expect(error.underlying is LedgerClosed)
        }
        continuation.finish()
        for await identity in stream { #expect(!identity.isAlive) }
    }

    @Test func `a Ctrl-C at our group does not reach the program`() async throws {
        // A terminal signals its session's foreground group; fields 1, 5 and 6 are number, group and session.
        let captured = try await capture(shell("cut -d' ' -f1,5,6 /proc/$$/stat"))
        let fields = captured.text.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        #expect(fields.count == 3 && Set(fields).count == 1)
        #expect(fields.first != getpgrp())
    }
}
