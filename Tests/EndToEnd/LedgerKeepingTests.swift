import Foundation
import Processes
import Shops
import Testing

/// What keeps a ledger: proofs that nothing was changed, and moves between stores.
@Suite struct LedgerKeepingTests {
    @Test func `a ledger moves from a file to a team's database and into an export, and nothing is lost`() async throws {
        try await Workshop.with("one: {run: [\"true\"]}\ntwo: {run: [\"false\"], needs: [one]}") { shop in
            for _ in 0..<2 { #expect(try await shop.shipit("run", "work").code == 1) }
            let history = try await shop.shipit("history", "--json")
            let export = try await shop.shipit("state", "export", ".git/ledger.jsonl")
            #expect(export.code == 0 && export.text.contains("2 journals with"), "\(export.all)")
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(shop.folder)/.git/ledger.jsonl")
            #expect(attributes[.posixPermissions] as? Int == 0o600)

            let team = try await World.database("moved" + String(UInt32.random(in: .min ... .max), radix: 36))
            let moved = try await shop.shipit("state", "migrate", team)
            #expect(moved.code == 0 && moved.text.contains("set SHIPIT_STATE, everywhere"), "\(moved.all)")
            #expect(!moved.all.contains(try #require(URLComponents(string: team)?.password)), "the password is not shown")
            let state = ["SHIPIT_STATE": team]
            #expect(try await shop.shipit("history", "--json", adding: state).text == history.text)
            let same = try await shop.shipit("state", "verify", ".git/ledger.jsonl", adding: state)
            #expect(same.code == 0 && same.text.contains("the same 2 journals"), "\(same.all)")
            let other = try await shop.shipit("state", "verify", ".shipit/state.db", adding: state)
            #expect(other.code == 0, "\(other.all)")

            // A third run, and the ledgers are not the same any more.
            let third = try await shop.shipit("run", "work", adding: state)
            #expect(third.code == 1, "\(third.all)")
            let differing = try await shop.shipit("state", "verify", ".git/ledger.jsonl", adding: state)
            #expect(differing.code == 1 && differing.errors.contains("should not be there"), "\(differing.all)")
            let missing = try await shop.shipit("state", "verify", "nowhere.db", adding: state)
            #expect(missing.code == 1 && missing.errors.contains("no ledger and no export at nowhere.db"), "\(missing.all)")

            let fresh = ["SHIPIT_STATE": "\(shop.folder)/.git/fresh.db"]
            let taken = try await shop.shipit("state", "import", ".git/ledger.jsonl", adding: fresh)
            #expect(taken.code == 0, "\(taken.all)")
            #expect(try await shop.shipit("history", "--json", adding: fresh).text == history.text)
            try shop.edit(".git/ledger.jsonl") { $0.replacing("tester", with: "forger") }
            let forged = try await shop.shipit(
                "state", "import", ".git/ledger.jsonl", adding: ["SHIPIT_STATE": "\(shop.folder)/.git/forged.db"])
            #expect(forged.code == 1 && forged.errors.contains("is not intact at position 1"), "\(forged.all)")
        }
    }

    @Test func `old runs are removed with their output, and the ledger proves that it was pruned`() async throws {
        try await Workshop.with("one: {run: [echo, said]}\ntwo: {run: [\"true\"], needs: [one]}") { shop in
            var runs: [String] = []
            // The last one stops before its end and can go on.
            for goal in ["two", "two", "one"] {
                let answer = try await shop.shipit("run", "work", "--to", goal)
                #expect(answer.code == 0, "\(answer.all)")
                runs.append(run(in: answer.text))
            }
            #expect(Set(runs).count == 3, "\(runs)")
            func logs(_ run: String) -> Bool { FileManager.default.fileExists(atPath: "\(shop.folder)/.shipit/logs/\(run)") }
            #expect(runs.allSatisfy(logs))
            #expect(try await shop.shipit("audit", "verify").code == 0)
            let none = try await shop.shipit("state", "prune", "--older-than", "90d")
            #expect(none.code == 0 && none.text.contains("0 runs with 0 entries were removed, 3 are not"), "\(none.all)")
            let rehearsal = try await shop.shipit("state", "prune", "--older-than", "1ms", "--dry-run")
            #expect(rehearsal.text.contains("2 runs with") && rehearsal.text.contains("would be removed"), "\(rehearsal.all)")
            #expect(rehearsal.text.contains("1 can still go on"), "\(rehearsal.all)")
            #expect(try await shop.listed("history") == 3)
            let pruned = try await shop.shipit("state", "prune", "--older-than", "1ms")
            #expect(pruned.code == 0 && pruned.text.contains("were removed"), "\(pruned.all)")
            #expect(try await shop.listed("history") == 1)
            #expect(runs.map(logs) == [false, false, true])
            let gone = try await shop.shipit("logs", runs[0])
            #expect(gone.code == 2 && gone.errors.contains("no run"), "\(gone.all)")
            // Against the heads from before: what was pruned is not missed.
            let audit = try await shop.shipit("audit", "verify")
            #expect(audit.code == 0 && audit.text.contains("2 more were pruned"), "\(audit.all)")
            #expect(try await shop.shipit("resume", runs[2]).code == 0)
            let wrong = try await shop.shipit("state", "prune", "--older-than", "soon")
            #expect(wrong.code == 2 && wrong.errors.contains("--older-than takes a time"), "\(wrong.all)")
        }
    }

    @Test func `a changed, a dropped and a cut off entry are found and named`() async throws {
        try await Workshop.with("one: {run: [\"true\"]}") { shop in
            let run = Shops.run(in: try await shop.shipit("run", "work").text)
            let first = try await shop.shipit("audit", "verify")
            #expect(first.code == 0 && first.text.contains("1 of 1 journals are whole"), "\(first.all)")
            func tampered(_ sql: String) async throws -> Answer {
                let ledger = "\(shop.folder)/.shipit/state.db"
                try FileManager.default.copyItem(atPath: ledger, toPath: ledger + ".whole")
                defer {
                    try? FileManager.default.removeItem(atPath: ledger)
                    try? FileManager.default.moveItem(atPath: ledger + ".whole", toPath: ledger)
                }
                try await World.run("sqlite3", [ledger, sql])
                return try await shop.shipit("audit", "verify")
            }
            let changed = try await tampered(
                "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'tester', 'forger') AS BLOB) WHERE position = 2")
            #expect(changed.code == 1 && changed.text.contains("run/\(run) at 2:"), "\(changed.all)")
            let dropped = try await tampered("DELETE FROM entries WHERE position = 2")
            #expect(dropped.code == 1 && dropped.text.contains("run/\(run) at 2:"), "\(dropped.all)")
            let cut = try await tampered(
                """
                DELETE FROM entries WHERE position = 3;
                UPDATE journals SET position = 2, hash = (SELECT hash FROM entries WHERE position = 2), summary = NULL
                """)
            #expect(cut.code == 1 && cut.text.contains("had 3 entries and has 2: the newest are gone"), "\(cut.all)")
            let gone = try await tampered("DELETE FROM entries; DELETE FROM journals")
            #expect(gone.code == 1 && gone.text.contains("run/\(run) is gone"), "\(gone.all)")
            #expect(try await shop.shipit("audit", "verify").code == 0)
        }
    }
}
