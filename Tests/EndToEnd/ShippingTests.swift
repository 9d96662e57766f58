import Foundation
import Processes
import Shops
import Synchronization
import Testing

/// The main job on real components: Docker, a registry, PostgreSQL, git.
@Suite struct ShippingTests {
    @Test func `ships a commit to production and back`() async throws {
        try await Shop.with { shop in
            let plan = try await shop.shipit("plan")
            #expect(plan.code == 0)
            #expect(plan.text.contains("is not in the registry"))

            let staged = try await shop.shipit("deploy", "staging")
            #expect(staged.code == 0, "\(staged.all)")
            #expect(await shop.page(shop.stagingPort)?.contains("web one") == true)

            let waiting = try await shop.shipit("deploy", "production")
            #expect(waiting.code == 3, "\(waiting.all)")
            #expect(waiting.text.contains("goes on to"), "the unfinished run of the same commit is joined")
            #expect(waiting.text.contains("nothing ran there before"), "\(waiting.text)")
            #expect(await shop.page(shop.productionPort) == nil)

            let approved = try await shop.shipit("approve", try await shop.waitingRun(), "--continue")
            #expect(approved.code == 0, "\(approved.all)")
            #expect(await shop.page(shop.productionPort)?.contains("web one") == true)

            try shop.edit("service/web.txt") { _ in "web two\n" }
            try shop.edit("service/api.txt") { _ in "api two\n" }
            // Somebody writes into a message what belongs nowhere.
            try await shop.commit("two, tried on \(shop.production)")
            let second = try await shop.shipit("deploy", "production")
            #expect(second.code == 3)
            #expect(second.text.contains(#/commit +[0-9a-f]{12}  two, tried on \S+  Tester/#), "\(second.text)")
            #expect(try await shop.shipit("approvals").text.contains("two, tried on"))
            #expect(try !shop.ledgerHolds(shop.production), "a secret in a message is not kept")
            #expect(try await shop.shipit("approve", try await shop.waitingRun(), "--continue").code == 0)
            #expect(await shop.page(shop.productionPort)?.contains("web two") == true)

            let back = try await shop.shipit("rollback", "production")
            #expect(back.code == 0, "\(back.all)")
            #expect(await shop.page(shop.productionPort)?.contains("web one") == true)

            let held = try await shop.shipit("deploy", "production")
            #expect(held.code == 4, "\(held.all)")
            #expect(held.all.contains("rolled back"))
            #expect(try await shop.shipit("unhold", "production", "--reason", "fixed").code == 0)

            let history = try await shop.shipit("history", "production")
            #expect(history.text.contains("rollback to"))
        }
    }

    @Test func `a release that never gets healthy leaves the one before serving throughout`() async throws {
        try await Shop.with { shop in
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            try shop.edit("service/web.txt") { _ in "web sick\n" }
            try await shop.commit("sick")
            let isOver = Atomic<Bool>(false)
            async let watch = Self.outages(of: shop, until: isOver)
            let answer = try await shop.shipit("deploy", "staging")
            isOver.store(true, ordering: .relaxed)
            #expect(answer.code == 1)
            #expect(answer.all.contains("did not get healthy"), "\(answer.all)")
            #expect(await watch == 0)
            #expect(await shop.page(shop.stagingPort)?.contains("web one") == true)
            let left = try await World.run(
                "docker",
                ["ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=\(shop.name)-staging-candidate"])
            #expect(left.isEmpty, "the candidate is removed")
        }
    }

    /// How often the page did not answer, asked over and over.
    private static func outages(of shop: Shop, until isOver: borrowing Atomic<Bool>) async -> Int {
        var outages = 0
        while !isOver.load(ordering: .relaxed) {
            if await shop.page(shop.stagingPort) == nil { outages += 1 }
        }
        return outages
    }

    @Test func `a migration with an error names file and line and leaves everything as it was`() async throws {
        try await Shop.with { shop in
            try shop.edit("migrations/20260102000000_broken.sql") { _ in
                "-- migrate:up\nCREATE TABLE fine (id int);\nCREATE TABEL broken (id int);\n\n-- migrate:down\n"
            }
            try await shop.commit("broken migration")
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 1)
            #expect(answer.all.contains("20260102000000_broken.sql:3"), "\(answer.all)")
            #expect(try await shop.query(shop.staging, "SELECT to_regclass('fine') IS NULL") == "t")
            #expect(
                try await shop.query(shop.staging, "SELECT string_agg(version, ',') FROM schema_migrations") == "20260101000000")
            #expect(await shop.page(shop.stagingPort) == nil)
        }
    }

    @Test func `what differs after the approval voids it and is named`() async throws {
        try await Shop.with { shop in
            #expect(try await shop.shipit("deploy", "production").code == 3)
            let run = try await shop.waitingRun()
            #expect(try await shop.shipit("approve", run).code == 0)
            // Somebody applies the migration by hand, as dbmate would.
            _ = try await shop.query(
                shop.production,
                "CREATE TABLE orders (id bigint); CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20260101000000')"
            )
            let answer = try await shop.shipit("resume", run)
            #expect(answer.code == 5, "\(answer.all)")
            #expect(answer.all.contains("schema version: approved from empty, now at 20260101000000"))
            #expect(await shop.page(shop.productionPort) == nil)
            let again = try await shop.shipit("approve", run, "--continue")
            #expect(again.code == 0, "\(again.all)")
        }
    }

    @Test func `a rollback past a migration is blocked unless it is marked compatible`() async throws {
        try await Shop.with { shop in
            try await ship(shop)
            try shop.edit("service/web.txt") { _ in "web two\n" }
            try shop.edit("migrations/20260102000000_add.sql") { _ in
                "-- migrate:up\nALTER TABLE orders ADD COLUMN note text;\n-- migrate:down\n"
            }
            try await shop.commit("two")
            try await ship(shop)
            let blocked = try await shop.shipit("rollback", "production")
            #expect(blocked.code == 7, "\(blocked.all)")
            #expect(blocked.all.contains("20260102000000_add.sql"))
            #expect(await shop.page(shop.productionPort)?.contains("web two") == true)
            _ = try await shop.query(shop.production, "UPDATE shipit_migrations SET compatible = true")
            #expect(try await shop.shipit("rollback", "production").code == 0)
        }
    }

    private func ship(_ shop: Shop) async throws {
        #expect(try await shop.shipit("deploy", "production").code == 3)
        #expect(try await shop.shipit("approve", try await shop.waitingRun(), "--continue").code == 0)
    }

    @Test func `what was deployed before something else is deployed again when that is asked for`() async throws {
        try await Shop.with { shop in
            let first = try await shop.git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines)
            let one = try await shop.shipit("deploy", "staging")
            #expect(one.code == 0, "\(one.all)")
            let same = try await shop.shipit("deploy", "staging")
            #expect(same.code == 0 && run(in: same.all) == run(in: one.all), "it runs already: \(same.all)")
            try shop.edit("service/web.txt") { _ in "another\n" }
            try await shop.commit("another")
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let again = try await shop.shipit("deploy", "staging", "--commit", first)
            #expect(again.code == 0 && run(in: again.all) != run(in: one.all), "\(again.all)")
            let history = try await shop.shipit("history", "staging", "--json")
            let commits = history.text.matches(of: #/"commit" ?: ?"([0-9a-f]{40})"/#).map { String($0.1) }
            #expect(commits.count == 3 && commits.first == first, "\(history.text)")
        }
    }
}

extension Shop {
    /// Whether the files of the ledger hold a text.
    fileprivate func ledgerHolds(_ text: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/.shipit").filter { $0.hasPrefix("state.db") }.contains {
            try Data(contentsOf: URL(filePath: "\(folder)/.shipit/\($0)")).range(of: Data(text.utf8)) != nil
        }
    }
}
