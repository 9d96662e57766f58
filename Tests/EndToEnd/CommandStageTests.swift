import Foundation
import Processes
import Shops
import Synchronization
import Testing

/// Runs of plain commands: tries, deadlines, ending a run, looking at it while it is under way.
@Suite struct CommandStageTests {
    @Test func `a command is tried again as often as its stage says`() async throws {
        let stages = """
            flaky: {run: [sh, -c, "echo x >> .git/tries; echo try; test $(wc -l < .git/tries) -ge 3"], retries: 2, backoff: 10ms}
            hopeless: {run: [sh, -c, "echo x >> .git/hopes; exit 7"], retries: 1, backoff: 10ms, needs: [flaky]}
            """
        try await Workshop.with(stages) { shop in
            let passed = try await shop.shipit("run", "work", "--to", "flaky")
            #expect(passed.code == 0, "\(passed.all)")
            #expect(shop.kept("tries") == "x\nx\nx\n")
            let logs = try await shop.shipit("logs", run(in: passed.text), "flaky")
            #expect(logs.text == "try\ntry\ntry\n" && logs.errors.contains("flaky, attempt 3"), "\(logs.all)")
            let failed = try await shop.shipit("run", "work")
            #expect(failed.code == 1, "\(failed.all)")
            #expect(failed.text.contains("ended with exit code 7") && failed.text.contains("failed at hopeless"))
            #expect(shop.kept("hopes") == "x\nx\n")
            #expect(shop.kept("tries") == "x\nx\nx\n", "what is done is not done again")
        }
    }

    @Test func `a command that takes too long is ended with all its children`() async throws {
        let slow = "slow: {run: [sh, -c, \"sleep 3000 & echo group $$; wait\"], timeout: 5s}"
        try await Workshop.with(slow) { shop in
            let clock = ContinuousClock()
            let begin = clock.now
            let answer = try await shop.shipit("run", "work")
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.text.contains("took too long") && answer.text.contains("failed at slow"), "\(answer.all)")
            #expect(clock.now - begin < .seconds(1000))
            let group = try #require(answer.text.firstMatch(of: #/│ group (\d+)\n/#).flatMap { pid_t($0.1) })
            #expect(try await World.living(inGroup: group).isEmpty)
        }
    }

    @Test func `a run is cancelled by another process while it is under way`() async throws {
        let stages = """
            long: {run: [sh, -c, "echo begun; exec sleep 300"], idempotent: true}
            after: {run: [touch, .git/after], needs: [long]}
            """
        try await Workshop.with(stages) { shop in
            let cancelled = Mutex<Answer?>(nil)
            let (end, text) = try await shop.shipit(
                "run", "work",
                steps: [
                    Step(when: "│ begun") { _, text in
                        let answer = try? await shop.shipit("cancel", run(in: text), "--reason", "wrong commit")
                        cancelled.withLock { $0 = answer }
                    }
                ])
            let answer = try #require(cancelled.withLock { $0 })
            #expect(answer.code == 0 && answer.text.contains("is being cancelled"), "\(answer.all)")
            #expect(end == .exited(130), "\(text)")
            #expect(text.contains("was cancelled."), "\(text)")
            #expect(!FileManager.default.fileExists(atPath: "\(shop.folder)/.git/after"))
            let again = try await shop.shipit("cancel", run(in: text))
            #expect(again.code == 2 && again.errors.contains("has ended already"), "\(again.all)")
            let history = try await shop.shipit("history")
            #expect(history.text.contains("cancelled"), "\(history.all)")
        }
    }

    @Test func `the output of a stage is followed while it grows`() async throws {
        let talk = "talk: {run: [sh, -c, \"echo first; until [ -e .git/go ]; do sleep 0.05; done; echo last\"]}"
        try await Workshop.with(talk) { shop in
            let followed = Mutex<Answer?>(nil)
            let run = try await shop.shipit(
                "run", "work",
                steps: [
                    Step(when: "│ first") { _, text in
                        let go = Step(when: "first\n") { _, _ in try? shop.edit(".git/go") { _ in "go" } }
                        let answer = try? await shop.shipit("logs", Shops.run(in: text), "talk", "--follow", steps: [go])
                        if let answer, case .exited(let code) = answer.end {
                            followed.withLock { $0 = Answer(code: code, text: answer.text, errors: "") }
                        }
                    }
                ])
            #expect(run.end == .exited(0), "\(run.text)")
            let answer = try #require(followed.withLock { $0 })
            // The heading goes to the other stream, so that its place among the lines is chance.
            #expect(answer.code == 0 && answer.text.replacing("── talk\n", with: "") == "first\nlast\n", "\(answer.text)")
        }
    }

    @Test func `a program that is not there is named`() async throws {
        try await Workshop.with("absent: {run: [no-such-program-anywhere]}") { shop in
            let answer = try await shop.shipit("run", "work")
            #expect(answer.code == 1)
            #expect(answer.text.contains("no-such-program-anywhere, or correct PATH"), "\(answer.all)")
        }
    }
}
