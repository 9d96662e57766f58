import Foundation
import Processes
import Synchronization
import Testing

/// What goes wrong outside, and what shipit says and does then.
@Suite struct FaultTests {
    @Test func `a killed run is resumed without doing anything twice`() async throws {
        try await Shop.with { shop in
            // Killed three times: while images are built, while the database is migrated or deployed to, and near the end.
            for mark in ["build-api          ▶", "deploy-staging     ▶", "verify-staging     ▶"] {
                try await kill(shop, when: mark)
            }
            let run = try await World.run("sh", ["-c", "ls '\(shop.folder)/.shipit/logs'"]).trimmingCharacters(
                in: .whitespacesAndNewlines)
            let answer = try await shop.shipit("resume", run)
            #expect(answer.code == 0, "\(answer.all)")
            #expect(try await shop.query(shop.staging, "SELECT count(*) FROM shipit_migrations") == "1")
            #expect(await shop.page(shop.stagingPort)?.contains("web one") == true)
            struct Release: Decodable { var id: String }
            let history = try await shop.shipit("history", "staging", "--json")
            #expect(try JSONDecoder().decode([Release].self, from: Data(history.text.utf8)).count == 1)
        }
    }

    /// Starts or joins the deployment and kills shipit as soon as it says `mark`.
    private func kill(_ shop: Shop, when mark: String) async throws {
        let pid = Atomic<Int32>(0)
        let seen = Mutex("")
        let outcome = try await Processes.run(shop.command(["deploy", "staging"])) { identity in
            pid.store(identity.pid, ordering: .relaxed)
        } output: { _, piece in
            let isThere = seen.withLock { text in
                text += String(decoding: piece, as: UTF8.self)
                return text.contains(mark)
            }
            if isThere { _ = Glibc.kill(pid.load(ordering: .relaxed), SIGKILL) }
        }
        #expect(outcome.termination == .signaled(SIGKILL), "\(seen.withLock { $0 })")
    }

    @Test func `one Ctrl-C ends in order and can be resumed`() async throws {
        try await Shop.with { shop in
            let pid = Atomic<Int32>(0)
            let outcome = try await Processes.run(shop.command(["deploy", "staging"])) { identity in
                pid.store(identity.pid, ordering: .relaxed)
            } output: { _, piece in
                if String(decoding: piece, as: UTF8.self).contains("deploy-staging     ▶") {
                    _ = Glibc.kill(pid.load(ordering: .relaxed), SIGINT)
                }
            }
            #expect(outcome.termination == .exited(130))
            let status = try await shop.shipit("status")
            #expect(status.text.contains("interrupted"), "\(status.all)")
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 0, "\(answer.all)")
        }
    }

    @Test func `an engine that does not answer is said so`() async throws {
        try await Shop.with { shop in
            let answer = try await shop.shipit("deploy", "staging", adding: ["DOCKER_HOST": "unix:///nowhere/docker.sock"])
            #expect(answer.code == 1)
            #expect(answer.all.contains("No Docker engine answers"), "\(answer.all)")
        }
    }

    @Test func `a wrong registry password is refused by name and never shown`() async throws {
        try await Shop.with { shop in
            let answer = try await shop.shipit("deploy", "staging", adding: ["REGISTRY_PASSWORD": "wrong-password-1"])
            #expect(answer.code == 1)
            #expect(
                answer.all.lowercased().contains("unauthorized") || answer.all.contains("401") || answer.all.contains("refused"),
                "\(answer.all)")
            #expect(!answer.all.contains("wrong-password-1"))
        }
    }

    @Test func `a dirty work tree is refused, and allowed only under another tag`() async throws {
        try await Shop.with { shop in
            try shop.edit("service/web.txt") { _ in "web draft\n" }
            let refused = try await shop.shipit("deploy", "staging")
            #expect(refused.code == 2)
            #expect(refused.all.contains("service/web.txt"))
            let allowed = try await shop.shipit("deploy", "staging", "--allow-dirty")
            #expect(allowed.code == 0, "\(allowed.all)")
            #expect(allowed.all.contains("-dirty-"))
            #expect(await shop.page(shop.stagingPort)?.contains("web draft") == true)
        }
    }

    @Test func `no secret is in anything that is printed or kept`() async throws {
        try await Shop.with { shop in
            let password = "sentinel-\(UInt64.random(in: .min ... .max))"
            try shop.edit("pipelines/project.yml") { text in
                text.replacing(
                    "values: {WEB_PORT: \"\(shop.stagingPort)\"",
                    with: "values: {TOKEN: \"${env:SENTINEL}\", WEB_PORT: \"\(shop.stagingPort)\"")
            }
            try shop.edit("pipelines/release.yml") { text in
                text
                    + "  leak: {run: [sh, -c, \"echo $S; echo $S | base64; printf $S | od -An -tx1 | tr -d ' \\\\n'\"], env: {S: \"${env:SENTINEL}\"}, needs: [verify-staging]}\n"
            }
            try await shop.commit("leak")
            let secret = ["SENTINEL": password]
            var said = ""
            said += try await shop.shipit("plan", "--json", adding: secret).all
            let deployed = try await shop.shipit("run", "release", "--to", "leak", "--json", adding: secret)
            #expect(deployed.code == 0, "\(deployed.all)")
            said += deployed.all
            said += try await shop.shipit("status", "--json", adding: secret).all
            said += try await shop.shipit("history", adding: secret).all
            #expect(said.contains("•••"))
            #expect(!said.contains(password))
            #expect(!said.contains(Data(password.utf8).base64EncodedString().dropLast(4)))
            let kept = try await World.run(
                "sh", ["-c", "grep -rlaF -e '\(password)' -e '\(shop.staging)' '\(shop.folder)/.shipit' || true"])
            #expect(kept.isEmpty, "kept in \(kept)")
        }
    }
}
