import Foundation
import Processes
import Shops
import Testing

/// `shipit diff` on a compose project; that of a cluster is with the helm target's tests.
@Suite struct DiffTests {
    @Test func `tells what runs, what would run, and what was changed by hand`() async throws {
        try await Shop.with { shop in
            let before = try await shop.shipit("diff", "staging")
            #expect(before.code == 0 && before.all.contains("runs       nothing"), "\(before.all)")
            #expect(before.all.contains("image      api  not built yet"), "\(before.all)")
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let same = try await shop.shipit("diff", "staging", "--live")
            #expect(same.all.contains("images, values, compose file and schema are the same"), "\(same.all)")
            #expect(same.all.contains("nothing changed by hand on \(shop.name)-staging"), "\(same.all)")
            #expect(same.all.contains("nothing to change on \(shop.name)-staging"), "\(same.all)")

            let label = "label=com.docker.compose.project=\(shop.name)-staging"
            let web = try await World.run(
                "docker", ["ps", "--quiet", "--filter", label, "--filter", "label=com.docker.compose.service=web"])
            try await World.run("docker", ["stop", "--time", "1", web.trimmingCharacters(in: .newlines)])
            let stopped = try await shop.shipit("diff", "staging", "--live")
            #expect(stopped.all.contains("~ web") && stopped.all.contains("-status: exited"), "\(stopped.all)")
            #expect(!stopped.all.contains("~ api"), "\(stopped.all)")
            // Others learn of it by the ledger, and only when somebody says so.
            #expect(try await !shop.shipit("status").text.contains("by hand"))
            #expect(try await shop.shipit("diff", "staging", "--record").code == 2)
            for _ in 0..<2 { #expect(try await shop.shipit("diff", "staging", "--live", "--record").code == 0) }
            #expect(try await shop.shipit("status").text.contains(#/staging was changed by hand, seen by tester at .*: web/#))
            #expect(try await shop.shipit("audit", "verify").code == 0)

            try shop.edit("service/api.txt") { _ in "api two\n" }
            try await shop.commit("two")
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let after = try await shop.shipit("diff", "staging", "--live", "--commit", "HEAD~1")
            #expect(after.all.contains("~ api") && after.all.contains("-image: "), "\(after.all)")
            #expect(try await shop.shipit("plan").all.contains("which is the same"))
        }
    }

    @Test func `tells the commits, migrations, images, values and files between two environments`() async throws {
        try await Shop.with { shop in
            #expect(try await shop.shipit("deploy", "production").code == 3)
            let alone = try await shop.shipit("diff", "staging", "production")
            #expect(alone.code == 0 && alone.text.contains("+ production  runs nothing"), "\(alone.all)")
            #expect(try await shop.shipit("approve", try await shop.waitingRun(), "--continue").code == 0)
            let same = try await shop.shipit("diff", "staging", "production")
            #expect(!same.text.contains("commit") && !same.text.contains("migrations"), "\(same.all)")
            #expect(!same.text.contains("images") && !same.text.contains("files"), "\(same.all)")
            // Each has its own port and database.
            #expect(same.text.contains("  - \(shop.stagingPort)\n  + \(shop.productionPort)"), "\(same.all)")
            #expect(same.text.contains("${env:STAGING_DATABASE_URL}") && !same.text.contains(shop.staging), "\(same.all)")

            try shop.edit("service/api.txt") { _ in "api two\n" }
            try shop.edit("deploy/compose.yaml") { $0.replacing("retries: 10", with: "retries: 12") }
            let migration = "20260202000000_add_notes.sql"
            try shop.edit("migrations/\(migration)") { _ in
                "-- migrate:up\n-- shipit:compatible\nCREATE TABLE notes (id int);\n-- migrate:down\nDROP TABLE notes;\n"
            }
            let commit = try await shop.commit("notes")
            #expect(try await shop.shipit("deploy", "staging").code == 0)

            let there = try await shop.shipit("diff", "staging", "production")
            #expect(there.text.contains("1 commit only staging has\n  \(commit.prefix(12))"), "\(there.all)")
            #expect(there.text.contains("- \(migration)  compatible"), "\(there.all)")
            #expect(there.text.contains("~ deploy/compose.yaml") && there.text.contains("-      retries: 12"), "\(there.all)")
            #expect(there.text.contains("images\n  api\n  - "), "\(there.all)")
            let back = try await shop.shipit("diff", "production", "staging")
            #expect(back.text.contains("1 commit only staging has") && back.text.contains("+ \(migration)"), "\(back.all)")
            #expect(back.text.contains("+      retries: 12"), "\(back.all)")
            struct Told: Decodable {
                struct Line: Decodable { var subject: String }
                var onlyFirst: [Line]
            }
            let told = try await shop.shipit("diff", "staging", "production", "--json")
            #expect(try JSONDecoder().decode(Told.self, from: Data(told.text.utf8)).onlyFirst.map(\.subject) == ["notes"])

            for wrong in [["staging", "staging"], ["staging", "nowhere"], ["staging", "production", "--live"]] {
                #expect(try await shop.finish(shop.command(["diff"] + wrong)).code == 2, "\(wrong)")
            }
        }
    }
}
