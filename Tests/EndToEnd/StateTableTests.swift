import Foundation
import Processes
import Shops
import Synchronization
import Testing

/// Every cell of the table in `docs/states.md`, tried with the real program.
@Suite struct StateTableTests {
    private static var table: [String: [String: String]] {
        get throws { try StateTable.read(below: "# Every state has a way out") }
    }

    /// How `two` comes out is decided by files beside the work tree, so that a test decides it.
    private static let stages = """
        one: {run: ["true"]}
        two: {run: [sh, -c, "echo x >> .git/two; test ! -e .git/broken || exit 1; test -e .git/go || echo begun; until test -e .git/go; do sleep 0.1; done"], IDEMPOTENT, needs: [one]}
        three: {run: ["true"], needs: [two]}
        """

    @Test(arguments: [
        "abandoned", "interrupted", "waiting", "reached", "failed", "indeterminate", "undecided", "cancelled", "succeeded",
    ])
    func `a run at rest does what the table says`(state: String) async throws {
        let row = try #require(try Self.table[state])
        let stages =
            state == "waiting"
            ? "one: {run: [\"true\"]}\ntwo: {approve: production, needs: [one]}\nthree: {run: [\"true\"], needs: [two]}"
            : Self.stages.replacing(
                "IDEMPOTENT", with: "idempotent: \(["indeterminate", "undecided"].contains(state) ? "false" : "true")")
        try await Workshop.with(stages) { shop in
            let run = try await Self.bring(shop, to: state)
            let kept = "\(shop.folder)/.shipit/state.db"
            for (command, cell) in row.sorted(by: { $0.key < $1.key }) {
                // Each cell begins where the row does.
                let ledger = "\(shop.folder)/.git/\(UUID().uuidString).db"
                for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: kept + suffix) {
                    try FileManager.default.copyItem(atPath: kept + suffix, toPath: ledger + suffix)
                }
                let (found, said) = try await Self.attempt(command, run, in: shop, adding: ["SHIPIT_STATE": ledger])
                #expect(found == cell, "\(command) of a run that is \(state): \(said)")
            }
        }
    }

    /// Leaving out what stands between an approval and what it guards would be a way around it.
    @Test func `what waits for an approval, directly or not, is not left out`() async throws {
        let stages = """
            one: {approve: production}
            two: {run: ["true"], needs: [one]}
            three: {run: [touch, .git/published], needs: [two]}
            """
        try await Workshop.with(stages) { shop in
            let id = run(in: try await shop.shipit("run", "work").text)
            for isRejected in [false, true] {
                if isRejected { #expect(try await shop.shipit("reject", id, "--reason", "no").code == 0) }
                for stage in ["one", "two", "three"] {
                    let answer = try await shop.shipit("skip", id, stage, "--reason", "in a hurry")
                    #expect(answer.code == 2, "\(answer.all)")
                }
                let resumed = try await shop.shipit("resume", id)
                #expect(resumed.code == (isRejected ? 1 : 3), "\(resumed.all)")
            }
            #expect(!FileManager.default.fileExists(atPath: "\(shop.folder)/.git/published"))
        }
    }

    @Test func `a run that another shipit drives does what the table says`() async throws {
        let row = try #require(try Self.table["running"])
        let stages = Self.stages.replacing("IDEMPOTENT", with: "idempotent: true")
        try await Workshop.with(stages) { shop in
            let found = Mutex<[String: String]>([:])
            // What does not end it, one after the other; then what ends it.
            let (end, text) = try await shop.shipit(
                "run", "work",
                steps: [
                    Step(when: "│ begun") { _, text in
                        for command in ["status", "recover", "retry", "retry two --reason", "skip two --reason"] {
                            let cell = try? await Self.attempt(command, run(in: text), in: shop).cell
                            found.withLock { $0[command] = cell }
                        }
                        let answer = try? await shop.finish(shop.command(Self.arguments("cancel", run(in: text))))
                        found.withLock { $0["cancel"] = "\(answer?.code ?? -1)" }
                    }
                ])
            #expect(end == .exited(130), "\(text)")
            let last = try await shop.status(of: run(in: text))
            found.withLock { $0["cancel"]? += " \(last)" }

            // Beside another's drive, 'resume' waits for its end, and does nothing twice.
            try? FileManager.default.removeItem(atPath: "\(shop.folder)/.git/two")
            let beside = Mutex<Task<Answer?, Never>?>(nil)
            let (second, words) = try await shop.shipit(
                "run", "work",
                steps: [
                    Step(when: "│ begun") { _, text in
                        let id = run(in: text)
                        beside.withLock { $0 = Task { try? await shop.shipit("resume", id) } }
                        try? await shop.awaitShipits(2)
                        _ = FileManager.default.createFile(atPath: "\(shop.folder)/.git/go", contents: nil)
                    }
                ])
            #expect(second == .exited(0), "\(words)")
            let waited = await beside.withLock { $0 }?.value
            let answer = try #require(waited, "\(words)")
            let after = try await shop.status(of: run(in: words))
            found.withLock { $0["resume"] = "\(answer.code) \(after)" }
            #expect(shop.kept("two") == "x\n", "once")
            #expect(found.withLock { $0 } == row)
        }
    }

    /// Brings a run of the workshop into a state and answers its id.
    private static func bring(_ shop: Workshop, to state: String) async throws -> String {
        func touch(_ file: String) { _ = FileManager.default.createFile(atPath: "\(shop.folder)/.git/\(file)", contents: nil) }
        var text = ""
        switch state {
        case "waiting":
            text = try await shop.shipit("run", "work").text
        case "reached":
            text = try await shop.shipit("run", "work", "--to", "one").text
            touch("go")
        case "succeeded":
            touch("go")
            text = try await shop.shipit("run", "work").text
        case "failed":
            touch("broken")
            text = try await shop.shipit("run", "work").text
            try FileManager.default.removeItem(atPath: "\(shop.folder)/.git/broken")
            touch("go")
        case "abandoned", "indeterminate", "undecided":
            text = try await shop.shipit("run", "work", steps: [.signal(SIGKILL, when: "│ begun")]).text
            touch("go")
            if state != "abandoned" {
                let answer = try await shop.shipit("resume", Shops.run(in: text))
                #expect(answer.code == 9, "\(answer.all)")
            }
            if state == "undecided" { #expect(try await shop.shipit("cancel", Shops.run(in: text)).code == 0) }
        case "interrupted":
            text = try await shop.shipit("run", "work", steps: [.signal(SIGINT, when: "│ begun")]).text
            touch("go")
        default:
            text = try await shop.shipit("run", "work", "--to", "one").text
            let answer = try await shop.shipit("cancel", Shops.run(in: text))
            #expect(answer.code == 0, "\(answer.all)")
        }
        return Shops.run(in: text)
    }

    /// What a command does to a run: its exit code and the run's status afterwards, as a cell says it, and what it printed.
    private static func attempt(
        _ command: String, _ run: String, in shop: Workshop, adding variables: [String: String] = [:]
    ) async throws -> (cell: String, said: String) {
        let answer = try await shop.finish(shop.command(arguments(command, run), adding: variables))
        // What 'status' itself shows; of the others, what is so when they are done.
        let after =
            command == "status"
            ? try answer.runStatus(of: run, at: "runs") : try await shop.status(of: run, adding: variables)
        return ("\(answer.code) \(after)", answer.all)
    }

    private static func arguments(_ command: String, _ run: String) -> [String] {
        if command == "status" { return ["status", "--json"] }
        var words = command.split(separator: " ").map(String.init)
        words.insert(run, at: 1)
        return words + (words.last == "--reason" ? ["looked at it"] : [])
    }
}
