import Foundation
import Processes
import Shops
import Synchronization
import Testing

/// Ctrl-C and `kill -9` in a stage of every kind: `resume` goes on, and nothing is lost or doubled.
@Suite struct InterruptionTests {
    /// A pipeline with a stage of every kind, in which each takes long enough to be hit.
    private static let stages = """
          count: {run: [sh, -c, "echo x >> .git/begun; echo counting; until [ -e .git/go ] || [ ! -d .git ]; do sleep 0.05; done; echo x >> .git/ended"], idempotent: true, needs: [verify-staging]}
          approve-production: {approve: production, needs: [count]}
        """

    @Test(arguments: [SIGKILL, SIGINT])
    func `a run that is ended in every kind of stage is resumed without doing anything twice`(signal: Int32) async throws {
        try await Shop.with { shop in
            try shop.edit("pipelines/release.yml") { text in
                text.replacing("  approve-production: {approve: production, needs: [verify-staging]}", with: Self.stages)
            }
            try shop.edit("migrations/20260101000000_create_orders.sql") { _ in
                "-- migrate:up\nSELECT pg_sleep(0.5);\nCREATE TABLE orders (id bigint PRIMARY KEY);\n-- migrate:down\nDROP TABLE orders;\n"
            }
            try await shop.commit("every kind")
            var (run, printed) = ("", "")
            for stage in ["build-web", "migrate-staging", "deploy-staging", "verify-staging", "count", "approve-production"] {
                let mark = stage + String(repeating: " ", count: 18 - stage.count) + " ▶"
                // Up to there each beginning of 'count' waits to be ended.
                if stage == "approve-production" { try shop.edit(".git/go") { _ in "" } }
                // On a machine that stalls, the signal for a stage hits a later one.
                guard !printed.contains(mark) else { continue }
                let step = Step.signal(signal, when: mark)
                let (end, text) =
                    run.isEmpty
                    ? try await shop.shipit("deploy", "production", steps: [step])
                    : try await shop.shipit("resume", run, steps: [step])
                // What waits for an approval may have ended before.
                let isLate = stage == "approve-production" && end == .exited(3)
                #expect(isLate || end == (signal == SIGKILL ? .signaled(SIGKILL) : .exited(130)), "\(stage): \(text)")
                printed += text
                if run.isEmpty { run = Shops.run(in: text) }
                let status = try await shop.shipit("status")
                #expect(status.text.contains(run), "\(status.all)")
            }
            let waiting = try await shop.shipit("resume", run)
            #expect(waiting.code == 3, "\(waiting.all)")
            #expect(try await shop.waitingRun() == run)
            #expect(try await shop.query(shop.staging, "SELECT count(*) FROM shipit_migrations") == "1")
            #expect(await shop.page(shop.stagingPort)?.contains("web one") == true)
            #expect(try await shop.listed("history", "staging") == 1)
            #expect(try await shop.listed("history") == 1)
            #expect(try await shop.listed("approvals") == 1)
            let ended = try String(contentsOfFile: "\(shop.folder)/.git/ended", encoding: .utf8)
            #expect(ended.count(where: { $0 == "x" }) <= 2, "once for each beginning")
        }
    }

    @Test func `a deployment that is killed while it switches is completed`() async throws {
        try await Shop.with { shop in
            let (end, text) = try await shop.shipit("deploy", "staging", steps: [.signal(SIGKILL, when: "switching")])
            #expect(end == .signaled(SIGKILL))
            let answer = try await shop.shipit("resume", run(in: text))
            #expect(answer.code == 0, "\(answer.all)")
            #expect(await shop.page(shop.stagingPort)?.contains("web one") == true)
            #expect(try await shop.listed("history", "staging") == 1)
        }
    }

    /// Nobody deploys there for a while, and the candidate is beside what runs.
    @Test func `the candidate of a deployment that was killed is removed by whoever looks at it`() async throws {
        try await Shop.with { shop in
            let (end, text) = try await shop.shipit(
                "deploy", "staging",
                steps: [.killDeployment(when: "staging-candidate-api-1 Started")])
            #expect(end == .signaled(SIGKILL), "\(text)")
            let listing = [
                "ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=\(shop.name)-staging-candidate",
            ]
            #expect(try await !World.run("docker", listing).isEmpty)
            let answer = try await shop.shipit("recover", run(in: text))
            #expect(answer.code == 0, "\(answer.all)")
            #expect(try await World.run("docker", listing).isEmpty, "\(answer.all)")
        }
    }

    /// shipit and its docker are killed when one service of the release runs: it is that container which runs afterwards.
    @Test func `a deployment that is killed with its docker while it switches starts nothing again`() async throws {
        try await Shop.with { shop in
            func containers() async throws -> Set<Substring> {
                let ids = try await World.run(
                    "docker",
                    ["ps", "--no-trunc", "--quiet", "--filter", "label=com.docker.compose.project=\(shop.name)-staging"])
                return Set(ids.split(separator: "\n"))
            }
            let (end, text) = try await shop.shipit("deploy", "staging", steps: Step.halfway(Step.killDeployment))
            #expect(end == .signaled(SIGKILL), "\(text)")
            let before = try await containers()
            #expect(!before.isEmpty)
            let answer = try await shop.shipit("resume", run(in: text))
            #expect(answer.code == 0, "\(answer.all)")
            #expect(try await containers().isSuperset(of: before), "\(answer.all)")
        }
    }

    @Test func `latest is moved also when shipit is killed right after a push`() async throws {
        try await Shop.with { shop in
            let (end, text) = try await shop.shipit(
                "run", "release", "--to", "build-web", steps: [.signal(SIGKILL, when: ": digest: sha256:")])
            #expect(end == .signaled(SIGKILL), "\(text)")
            let answer = try await shop.shipit("resume", run(in: text))
            #expect(answer.code == 0 && (text + answer.text).contains("latest moved"), "\(answer.all)")
            let registry = try World.variable("SHIPIT_E2E_REGISTRY")
            let puts = try await World.run(
                "curl", ["--silent", "--fail", "http://\(registry)/_requests?path=/\(shop.name)/web/manifests/"])
            #expect(puts.matches(of: #/"PUT", "path": "[^"]*/latest", "status": 201/#).count == 1, "\(puts)")
            #expect(puts.matches(of: #/"PUT", "path": "[^"]*", "status": 201/#).count == 2, "\(puts)")
        }
    }

    @Test func `a command that may not be repeated is left to a person when nobody saw its end`() async throws {
        let charge = "charge: {run: [sh, -c, \"echo x >> .git/charges; echo charged; exec sleep 3\"]}"
        try await Workshop.with(charge) { shop in
            let (end, text) = try await shop.shipit("run", "work", steps: [.signal(SIGKILL, when: "│ charged")])
            #expect(end == .signaled(SIGKILL))
            for _ in 1...2 {
                let answer = try await shop.shipit("resume", run(in: text))
                #expect(answer.code == 9, "\(answer.all)")
                #expect(answer.text.contains("Nobody knows what became of charge; a person must look."))
                #expect(answer.text.contains("idempotent: true"), "it says what to do: \(answer.all)")
            }
            #expect(shop.kept("charges") == "x\n")
        }
    }

    @Test(arguments: [("exit 0", 0, "x\n"), ("test -e .git/again", 0, "x\nx\n"), ("exit 3", 9, "x\n")])
    func `a command's own check tells what became of it`(check: String, code: Int32, charges: String) async throws {
        let charge = """
            charge:
              run: [sh, -c, "echo x >> .git/charges; echo charged; exec sleep 2"]
              check: [sh, -c, "echo $SHIPIT_STAGE asked; \(check)"]
            """
        try await Workshop.with(charge) { shop in
            let (end, text) = try await shop.shipit("run", "work", steps: [.signal(SIGKILL, when: "│ charged")])
            #expect(end == .signaled(SIGKILL))
            let answer = try await shop.shipit("resume", run(in: text))
            #expect(answer.code == code, "\(answer.all)")
            #expect(answer.text.contains("│ charge asked"), "\(answer.all)")
            #expect(shop.kept("charges") == charges)
            if code == 9 { #expect(answer.text.contains("neither 0 for done nor 1 for not done"), "\(answer.all)") }
        }
    }

    /// A container has numbers of its own for processes, on a machine of the same name: that one is not among them says nothing.
    @Test func `a command is not run again from where its process cannot be seen`() async throws {
        let slow = """
            slow: {run: [sh, -c, "echo begun >> .git/trace; echo begun; while [ -d .git ]; do sleep 0.1; done"], idempotent: true, timeout: 30m}
            """
        try await Workshop.with(slow) { shop in
            let (end, text) = try await shop.shipit("run", "work", steps: [.signal(SIGKILL, when: "│ begun")])
            #expect(end == .signaled(SIGKILL))
            // It waits until it is interrupted, or the command would have begun by then.
            let answer = try await shop.finish(
                Command(
                    "timeout",
                    ["--signal=INT", "5", "unshare", "--pid", "--fork", "--mount-proc", World.shipit, "resume", run(in: text)],
                    environment: shop.variables, workingDirectory: shop.folder, deadline: .seconds(600)))
            #expect(answer.code == 124, "\(answer.all)")
            #expect(!answer.text.contains("is gone"), "\(answer.all)")
            #expect(shop.kept("trace") == "begun\n")
        }
    }

    /// The shell outlives the shipit that was killed: its repetition begins only after its end.
    @Test func `a command that outlives its shipit is waited for before it is run again`() async throws {
        let slow = """
            slow: {run: [sh, -c, "echo begun >> .git/trace; echo begun; until [ -e .git/go ] || [ ! -d .git ]; do sleep 0.05; done; echo ended >> .git/trace"], idempotent: true}
            """
        try await Workshop.with(slow) { shop in
            let (end, text) = try await shop.shipit("run", "work", steps: [.signal(SIGKILL, when: "│ begun")])
            #expect(end == .signaled(SIGKILL))
            // Ctrl-C ends the waiting, and decides nothing.
            let (given, words) = try await shop.shipit(
                "resume", run(in: text), steps: [.signal(SIGINT, when: "is still at work")])
            #expect(given == .exited(130), "\(words)")
            #expect(shop.kept("trace") == "begun\n")
            let (last, again) = try await shop.shipit(
                "resume", run(in: text),
                steps: [Step(when: "is still at work: waiting for its end") { _, _ in try? shop.let("go") }])
            #expect(last == .exited(0), "\(again)")
            #expect(shop.kept("trace") == "begun\nended\nbegun\nended\n")
        }
    }

    @Test func `nor is it known how far a command came that was told to end`() async throws {
        let charge = "charge: {run: [sh, -c, \"echo x >> .git/charges; echo charged; exec sleep 300\"]}"
        try await Workshop.with(charge) { shop in
            let (end, text) = try await shop.shipit("run", "work", steps: [.signal(SIGINT, when: "│ charged")])
            #expect(end == .exited(130), "\(text)")
            let answer = try await shop.shipit("resume", run(in: text))
            #expect(answer.code == 9, "\(answer.all)")
            #expect(shop.kept("charges") == "x\n")
            let cancelled = try await shop.shipit("cancel", run(in: text))
            #expect(cancelled.code == 0 && cancelled.text.contains("nobody knows what became of"), "\(cancelled.all)")
        }
    }

    /// A stage that does not listen to the signals that ask, with a child that does not either; the second time it ends well.
    private static let stubborn = """
        stubborn:
          idempotent: true
          shell: true
          run: |
            trap '' TERM INT HUP
            test -e .git/once && exit 0
            touch .git/once
            sleep 300 &
            echo "group $$ begun"
            while :; do sleep 1; done
        """

    @Test func `the second Ctrl-C ends everything at once`() async throws {
        // The first alone would take 6 s to end it, each time; a machine that stalls takes longer now and then.
        var fastest = Duration.seconds(600)
        for _ in 1...5 where fastest >= .seconds(5) {
            try await Workshop.with(Self.stubborn) { shop in
                let told = Mutex(ContinuousClock.now)
                let (end, text) = try await shop.shipit(
                    "run", "work",
                    steps: [
                        Step(when: "begun\n") { pid, _ in
                            told.withLock { $0 = .now }
                            kill(pid, SIGINT)
                        },
                        .signal(SIGINT, when: "once more ends it at once"),
                    ])
                #expect(end == .exited(130), "\(text)")
                fastest = min(fastest, ContinuousClock.now - told.withLock { $0 })
                let group = try #require(text.firstMatch(of: #/group (\d+) begun\n/#).flatMap { pid_t($0.1) })
                #expect(try await World.living(inGroup: group).isEmpty)
                let answer = try await shop.shipit("resume", run(in: text))
                #expect(answer.code == 0, "\(answer.all)")
            }
        }
        #expect(fastest < .seconds(5))
    }

    /// As GitHub cancels a job: INT, 7.5 s later TERM, 2.5 s later KILL (actions/runner, ProcessInvoker).
    @Test func `a CI service that cancels its job leaves no orphan and a run that can be resumed`() async throws {
        try await Workshop.with(Self.stubborn) { shop in
            let (end, text) = try await shop.shipit(
                "run", "work",
                steps: [
                    Step(when: "begun\n") { pid, _ in
                        // It may have ended in good time: then there is nobody to be told more.
                        for (number, pause) in [(SIGINT, 7500), (SIGTERM, 2500), (SIGKILL, 0)] where kill(pid, number) == 0 {
                            for _ in 0..<(pause / 50) where kill(pid, 0) == 0 { try? await Task.sleep(for: .milliseconds(50)) }
                        }
                    }
                ])
            #expect(end == .exited(130), "it is done before the service loses patience: \(text)")
            let group = try #require(text.firstMatch(of: #/group (\d+) begun\n/#).flatMap { pid_t($0.1) })
            #expect(try await World.living(inGroup: group).isEmpty)
            let id = run(in: text)
            let told = try await World.run(
                "sqlite3",
                [
                    "\(shop.folder)/.shipit/state.db",
                    "SELECT count(*) FROM entries WHERE instr(body, CAST('\"interrupted\":' AS BLOB)) > 0",
                ])
            #expect(told.hasPrefix("1"), "the journal says that it was interrupted: \(told)")
            #expect(try await shop.shipit("resume", id).code == 0)
        }
    }
}
