import Foundation
import Postgres
import Processes
import Shops
import Synchronization
import Testing

/// One writer per environment: who comes second waits or says who is there.
@Suite struct LeaseTests {
    @Test func `an environment in other hands is named with its holder, or waited for`() async throws {
        try await Shop.with { shop in
            #expect(try await shop.shipit("run", "release", "--to", "build-api").code == 0)
            let ledger = "\(shop.folder)/.shipit/state.db"
            @Sendable func lease(for seconds: Int) async throws {
                let now = Int64(Date().timeIntervalSince1970 * 1000)
                try await World.run(
                    "sqlite3",
                    [
                        "-cmd", ".timeout 60000", ledger,
                        """
                        INSERT OR REPLACE INTO leases(resource, token, holder, host, account, process, purpose, acquired, expires)
                        VALUES ('environment/staging', 7, 'x', 'runner-9', 'grace', '1@2', 'run 1ryx of pipeline release', \(now),
                          \(now + Int64(seconds) * 1000))
                        """,
                    ])
            }
            try await lease(for: 7200)
            let refused = try await shop.shipit("run", "release", "--to", "migrate-staging")
            #expect(refused.code == 4, "\(refused.all)")
            #expect(refused.text.contains("staging is being changed by grace on runner-9 since"), "\(refused.all)")
            #expect(refused.text.contains("run 1ryx of pipeline release"), "\(refused.all)")
            let status = try await shop.shipit("status")
            #expect(status.text.contains("staging is being changed by grace on runner-9"), "\(status.all)")
            let short = try await shop.shipit("run", "release", "--to", "migrate-staging", "--wait", "1500ms")
            #expect(short.code == 4 && short.text.contains("waits until"), "\(short.all)")
            #expect(
                try await shop.query(shop.staging, "SELECT to_regclass('schema_migrations') IS NULL") == "t", "nothing was begun")

            // Who stands in line stops when there is nothing left to stand there for.
            let clock = ContinuousClock()
            let begun = clock.now
            let (end, words) = try await shop.shipit(
                "run", "release", "--to", "migrate-staging", "--wait", "1h",
                steps: [
                    Step(when: "waits until") { _, _ in
                        _ = try? await shop.shipit("cancel", Shops.run(in: short.text))
                    }
                ])
            #expect(end == .exited(130) && clock.now - begun < .seconds(600), "\(words)")

            // It is given up by nobody and ends by itself.
            let (last, waited) = try await shop.shipit(
                "run", "release", "--to", "migrate-staging", "--wait", "1h",
                steps: [Step(when: "waits until") { _, _ in try? await lease(for: 1) }])
            #expect(last == .exited(0), "\(waited)")
            let wrong = try await shop.shipit("resume", Shops.run(in: waited), "--wait", "soon")
            #expect(wrong.code == 2 && wrong.errors.contains("is no duration"), "\(wrong.all)")
        }
    }

    @Test func `a repository of images in other hands is waited for, and latest is moved under the same lease`() async throws {
        try await Shop.with { shop in
            #expect(try await shop.shipit("run", "release", "--to", "build-web").code == 0)
            let registry = try World.variable("SHIPIT_E2E_REGISTRY")
            let until = Int64(Date().timeIntervalSince1970 * 1000) + 7_200_000
            @Sendable func lease(expires: Int64) async throws {
                try await World.run(
                    "sqlite3",
                    [
                        "-cmd", ".timeout 60000", "\(shop.folder)/.shipit/state.db",
                        """
                        INSERT OR REPLACE INTO leases(resource, token, holder, host, account, process, purpose, acquired, expires)
                        VALUES ('repository/\(registry)/\(shop.name)/api', 7, 'x', 'runner-9', 'grace', '1@2',
                          'run 1ryx of pipeline release', 0, \(expires))
                        """,
                    ])
            }
            try await lease(expires: until)
            let (end, words) = try await shop.shipit(
                "run", "release", "--to", "build-api",
                steps: [
                    Step(when: "grace on runner-9 pushes to \(registry)/\(shop.name)/api for run 1ryx") { _, _ in
                        let asked = try? await World.run(
                            "curl", ["--silent", "http://\(registry)/_requests?path=/\(shop.name)/api/"])
                        #expect(asked?.contains(#""PUT""#) == false, "nothing is pushed meanwhile: \(asked ?? "")")
                        try? await lease(expires: 0)
                    }
                ])
            #expect(end == .exited(0), "\(words)")
            #expect(words.contains("latest moved"), "\(words)")
            let left = try await World.run(
                "sqlite3", ["\(shop.folder)/.shipit/state.db", "SELECT count(*) FROM leases WHERE holder IS NOT NULL"])
            #expect(left.hasPrefix("0"), "every lease was given up: \(left)")
        }
    }

    /// Two ledgers, so that no lease keeps them apart: the one that comes later stands for whoever took the environment over.
    @Test func `a migration is not begun any more when another attempt has begun to migrate`() async throws {
        try await Shop.with { shop in
            try shop.edit("migrations/20260102000000_slow.sql") { _ in
                "-- migrate:up transaction:false\nSELECT pg_advisory_lock(7);\n-- migrate:down\nSELECT 1;\n"
            }
            try shop.edit("migrations/20260103000000_late.sql") { _ in
                "-- migrate:up\nCREATE TABLE late (id bigint);\n-- migrate:down\nDROP TABLE late;\n"
            }
            try await shop.commit("two more migrations")
            // The slow one is as slow as the other shipit is to say that it waits.
            let gate = try await Connection(
                DatabaseURL(shop.staging), applicationName: "gate", connectTimeout: .seconds(300))
            _ = try await gate.query("SELECT pg_advisory_lock(7)")
            let later = Mutex<(end: Outcome.Termination, text: String)?>(nil)
            let (end, words) = try await shop.shipit(
                "run", "release", "--to", "migrate-staging",
                steps: [
                    Step(when: "applied 20260101000000_create_orders.sql") { _, _ in
                        let answer = try? await shop.shipit(
                            "run", "release", "--to", "migrate-staging",
                            adding: ["SHIPIT_STATE": "\(shop.folder)/.git/other.db"],
                            steps: [
                                Step(when: "another migration of this database is under way") { _, _ in await gate.close() }
                            ])
                        later.withLock { $0 = answer }
                    }
                ])
            #expect(end == .exited(1), "\(words)")
            let other = try #require(later.withLock { $0 })
            #expect(other.end == .exited(0), "\(other.text)")
            #expect(
                words.contains(
                    "20260103000000_late.sql was not applied: attempt \(run(in: other.text))/migrate-staging/1 migrates"),
                "\(words)")
            #expect(
                try await shop.query(
                    shop.staging, "SELECT string_agg(run, ' ' ORDER BY version) FROM shipit_migrations")
                    == "\(run(in: words)) \(run(in: words)) \(run(in: other.text))")
        }
    }

    @Test func `a shipit that sleeps past its lease is refused, and nobody begins before the time of its docker is over`()
        async throws
    {
        try await Shop.with { shop in
            try shop.edit("pipelines/release.yml") {
                $0.replacing("{deploy: staging}", with: "{deploy: staging, timeout: 15s}")
            }
            try shop.edit("service/web.txt") { _ in "the sleeper\n" }
            let asleep = try await shop.commit("sleeps")
            // It has all the time it needs.
            try shop.edit("pipelines/release.yml") { $0.replacing(", timeout: 15s}", with: "}") }
            try shop.edit("service/web.txt") { _ in "the other\n" }
            let other = try await shop.commit("does not")
            let (end, words) = try await shop.shipit(
                "deploy", "staging", "--commit", asleep,
                steps: [
                    Step(when: "▶ deploy the images") { pid, text in
                        // Docker is at work, or shipit has ended, which is found out below.
                        while Step.deploying(text).isEmpty, ProcessIdentity(pid: pid)?.isAlive == true { await Task.yield() }
                        kill(pid, SIGSTOP)
                        let refused = try? await shop.shipit("deploy", "staging", "--commit", other)
                        #expect(refused?.code == 4, "\(refused?.all ?? "")")
                        let waited = try? await shop.shipit("deploy", "staging", "--commit", other, "--wait", "15m")
                        #expect(
                            waited?.code == 0 && waited?.text.contains("looking first what became of") == true,
                            "\(waited?.all ?? "")")
                        kill(pid, SIGCONT)
                    }
                ])
            #expect(end == .exited(6), "\(words)")
            #expect(await shop.page(shop.stagingPort)?.contains("the other") == true)
            let audit = try await shop.shipit("audit", "verify")
            #expect(audit.code == 0, "\(audit.all)")
        }
    }

    @Test func `four who deploy four commits at once take turns, and each deploys once`() async throws {
        try await Shop.with { shop in
            var commits: [String] = []
            for number in 1...4 {
                try shop.edit("service/web.txt") { _ in "web \(number)\n" }
                commits.append(try await shop.commit("number \(number)"))
            }
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for commit in commits {
                    group.addTask { try await shop.shipit("deploy", "staging", "--commit", commit, "--wait", "15m") }
                }
                return try await group.reduce(into: [Answer]()) { $0.append($1) }
            }
            for answer in answers { #expect(answer.code == 0, "\(answer.all)") }
            struct Release: Decodable {
                var commit: String
                var verdict: String
            }
            let history = try await shop.shipit("history", "staging", "--json")
            let releases = try JSONDecoder().decode([Release].self, from: Data(history.text.utf8))
            #expect(releases.map(\.commit).sorted() == commits.sorted(), "\(history.all)")
            #expect(releases.allSatisfy { $0.verdict == "good" }, "\(history.all)")
            let last = try #require(releases.first.flatMap { commits.firstIndex(of: $0.commit) })
            #expect(await shop.page(shop.stagingPort)?.contains("web \(last + 1)") == true, "what was released last is what runs")
            #expect(try await shop.shipit("audit", "verify").code == 0)
        }
    }
}
