import Foundation
import Processes
import Shops
import Testing

/// A ledger in PostgreSQL, which others share: approvals by others, single stages as CI jobs perform them.
@Suite struct TeamLedgerTests {
    @Test func `a commit is approved, rejected, released and looked up in a ledger that others share`() async throws {
        try await Shop.with { shop in
            // The commit goes straight to production: the detour over staging is another test's.
            try shop.edit("pipelines/release.yml") { text in
                text.split(separator: "\n").filter { !$0.contains("staging") }.joined(separator: "\n")
                    + "\n  approve-production: {approve: production}\n"
            }
            try await shop.commit("straight to production")
            let state = ["SHIPIT_STATE": try await World.database("\(shop.name)_ledger")]
            // CI is no reason to refuse: the ledger outlives its machine.
            let asking = try await shop.shipit(
                "deploy", "production", adding: state.merging(["CI": "true"]) { $1 })
            #expect(asking.code == 3, "\(asking.all)")
            #expect(
                try await shop.git("status", "--porcelain").isEmpty, "what is kept beside the ledger is no part of the work tree")
            let run = Shops.run(in: asking.text)
            let waiting = try await shop.shipit("approvals", adding: state)
            #expect(waiting.text.contains("shipit approve \(run)"), "\(waiting.all)")
            #expect(try await shop.shipit("approvals").text.contains("Nothing waits"), "the file ledger knows nothing of it")
            let other = state.merging(["SHIPIT_ACTOR": "approver"]) { $1 }
            let wrong = try await shop.shipit("approve", run, "--change", "0000000", adding: other)
            #expect(wrong.code == 5, "\(wrong.all)")
            let released = try await shop.shipit("approve", run, "--continue", adding: other)
            #expect(released.code == 0 && released.text.contains("approved by approver"), "\(released.all)")
            #expect(await shop.page(shop.productionPort)?.contains("web one") == true)
            let history = try await shop.shipit("history", "production", adding: state)
            #expect(history.code == 0 && history.text.contains(run), "\(history.all)")

            try shop.edit("service/web.txt") { _ in "web two\n" }
            try await shop.commit("two")
            let second = try await shop.shipit("deploy", "production", adding: state)
            #expect(second.code == 3, "\(second.all)")
            let rejected = try await shop.shipit(
                "reject", Shops.run(in: second.text), "--reason", "wait for the audit", adding: other)
            #expect(rejected.code == 0 && rejected.text.contains("will not change anything further"), "\(rejected.all)")
            let resumed = try await shop.shipit("resume", Shops.run(in: second.text), adding: state)
            #expect(resumed.code == 1 && resumed.text.contains("failed at approve-production"), "\(resumed.all)")
            let approved = try await shop.shipit("approve", Shops.run(in: second.text), adding: other)
            #expect(approved.code == 2, "what was rejected cannot be approved: \(approved.all)")
            #expect(await shop.page(shop.productionPort)?.contains("web one") == true)
        }
    }

    /// One in a hundred used to fall over after its last line: the ledger's watch was still inside libpq while the process ended.
    @Test func `a hundred short runs all end in order`() async throws {
        try await Workshop.with("fine: {run: [\"true\"]}") { shop in
            let name = "ends" + String(UInt32.random(in: .min ... .max), radix: 36)
            let state = ["SHIPIT_STATE": try await World.database(name)]
            for _ in 0..<100 {
                let answer = try await shop.shipit("run", "work", adding: state)
                #expect(answer.code == 0, "\(answer.all)")
            }
        }
    }

    @Test func `stages are performed one by one, by whoever knows the run`() async throws {
        let stages = """
            first: {run: [sh, -c, "echo x >> .git/first; echo begun; test -e .git/again || { touch .git/again; exec sleep 300; }"], idempotent: true}
            second: {run: [sh, -c, "echo x >> .git/second"], needs: [first]}
            third: {run: [sh, -c, "echo x >> .git/third"], needs: [second]}
            """
        try await Workshop.with(stages) { shop in
            let name = "stages" + String(UInt32.random(in: .min ... .max), radix: 36)
            let state = ["SHIPIT_STATE": try await World.database(name)]
            let (end, text) = try await shop.shipit("run", "work", adding: state, steps: [.signal(SIGINT, when: "│ begun")])
            #expect(end == .exited(130), "\(text)")
            let run = Shops.run(in: text)
            func perform(_ stage: String) async throws -> Answer {
                try await shop.shipit("stage", "run", stage, "--run", run, adding: state)
            }
            let early = try await perform("second")
            #expect(early.code == 2 && early.errors.contains("'second' waits for first"), "\(early.all)")
            let unknown = try await perform("fourth")
            #expect(unknown.code == 2, "\(unknown.all)")
            for stage in ["first", "second"] {
                let answer = try await perform(stage)
                #expect(answer.code == 0, "\(stage): \(answer.all)")
                #expect(answer.text.contains("\(stage) of run \(run) is done."), "\(answer.all)")
            }
            #expect(shop.kept("third").isEmpty, "only what was asked for is performed")
            #expect(try await shop.shipit("resume", run, adding: state).code == 0)
            #expect(shop.kept("second") == "x\n" && shop.kept("third") == "x\n")
        }
    }

    @Test func `runners perform stages of one run side by side`() async throws {
        // Each ends only when the other has begun.
        let stages = """
            one: {run: [sh, -c, "touch .git/one; until test -e .git/two; do sleep 0.1; done"], timeout: 1m}
            two: {run: [sh, -c, "touch .git/two; until test -e .git/one; do sleep 0.1; done"], timeout: 1m}
            last: {run: ["true"]}
            """
        try await Workshop.with(stages) { shop in
            let name = "side" + String(UInt32.random(in: .min ... .max), radix: 36)
            let state = ["SHIPIT_STATE": try await World.database(name)]
            let begun = try await shop.shipit("run", "work", "--to", "last", adding: state)
            let id = run(in: begun.text)
            async let one = shop.shipit("stage", "run", "one", "--run", id, adding: state)
            async let two = shop.shipit("stage", "run", "two", "--run", id, adding: state)
            for answer in try await [one, two] { #expect(answer.code == 0, "\(answer.all)") }
        }
    }

    @Test func `in CI a run that would wait is refused when its ledger is thrown away with the machine`() async throws {
        try await Shop.with { shop in
            for (name, value) in [("CI", "true"), ("CI", "1")] {
                let answer = try await shop.shipit("deploy", "production", adding: [name: value])
                #expect(answer.code == 2, "\(answer.all)")
                #expect(answer.errors.contains("would wait for an approval") && answer.errors.contains("CI runner"))
                #expect(answer.errors.contains("SHIPIT_STATE"), "it says what to do: \(answer.all)")
            }
            #expect(try await shop.listed("history") == 0, "no run was begun")
            let built = try await shop.shipit("run", "release", "--to", "build-api", adding: ["CI": "true"])
            #expect(built.code == 0, "what stops before the approval may run: \(built.all)")
        }
    }
}
