import Foundation
import HTTP
import LedgerAPI
import PostgresServer
import Processes
import Shops
import Testing

/// A ledger behind the API, which a laptop and CI share: `SHIPIT_STATE=http://127.0.0.1:PORT`.
@Suite struct RemoteLedgerTests {
    /// Runs the API over an empty ledger; `body` gets what makes an owner of a role's token of whoever has these variables.
    static func withAPI(
        _ body: (LedgerAPI, _ become: (_ role: String, _ name: String) async throws -> [String: String]) async throws -> Void
    ) async throws {
        try await PostgresServer.withDatabase { database in
            try await LedgerAPI.with(database) { api in
                try await body(api) { role, name in
                    ["SHIPIT_STATE": api.state, "SHIPIT_TOKEN": try await api.token(role, for: name)]
                }
            }
        }
    }

    /// The newest accesses, as method, status and path.
    private static func accesses(_ api: LedgerAPI, as admin: [String: String]) async throws -> [String] {
        struct Accesses: Decodable {
            struct Access: Decodable {
                var name: String?
                var path: String
                var status: Int?
            }
            var accesses: [Access]
        }
        let request = HTTPRequest(
            url: "\(api.state)/api/accesses?limit=200", headers: ["Authorization": "Bearer \(admin["SHIPIT_TOKEN"] ?? "")"])
        let answer = try await HTTPClient().send(request)
        return try JSONDecoder().decode(Accesses.self, from: Data(answer.body)).accesses.map {
            "\($0.name ?? "nobody") \($0.status ?? 0) \($0.path)"
        }
    }

    @Test func `is deployed from by one, and looked at, approved and gone on with by others`() async throws {
        try await Shop.with { shop in
            try await Clone.with(shop) { clone in
                try await Self.withAPI { api, become in
                    let (dora, rita, robot) = (
                        try await become("developer", "dora"), try await become("release-manager", "rita"),
                        try await become("ci", "robot")
                    )
                    let deployed = try await shop.shipit("deploy", "staging", adding: dora)
                    #expect(deployed.code == 0, "\(deployed.all)")
                    let run = Shops.run(in: deployed.text)
                    let status = try await clone.shipit("status", "staging", "--json", adding: robot)
                    #expect(status.code == 0 && status.text.contains(run) && status.text.contains("dora"), "\(status.all)")
                    #expect(!status.text.contains("tester"), "the token says who acts, not SHIPIT_ACTOR: \(status.all)")

                    let waiting = try await shop.shipit("deploy", "production", adding: dora)
                    #expect(waiting.code == 3, "\(waiting.all)")
                    let refused = try await clone.shipit("approve", run, adding: robot)
                    #expect(refused.code == 1 && refused.errors.contains("role is ci"), "\(refused.all)")
                    #expect(refused.errors.contains("release-manager, admin"), "\(refused.all)")
                    let rollback = try await clone.shipit("hold", "staging", "--reason", "x", adding: robot)
                    #expect(rollback.code == 1 && rollback.errors.contains("on-call"), "\(rollback.all)")
                    let approved = try await clone.shipit("approve", run, "--continue", adding: rita)
                    #expect(approved.code == 0 && approved.text.contains("approved by rita"), "\(approved.all)")
                    #expect(await shop.page(shop.productionPort)?.contains("web one") == true)
                    let again = try await shop.shipit("resume", run, adding: dora)
                    #expect(again.code == 0, "\(again.all)")
                    let audit = try await shop.shipit("audit", "verify", adding: rita)
                    #expect(audit.code == 0, "\(audit.all)")

                    let lines = try await Self.accesses(api, as: try await become("admin", "root"))
                    #expect(lines.contains("robot 403 /api/ledger/append run/\(run)"), "\(lines)")
                    #expect(lines.contains("rita 200 /api/ledger/leases/acquire environment/production"), "\(lines)")
                    let token = try #require(dora["SHIPIT_TOKEN"])
                    for answer in [deployed, status, waiting, approved] { #expect(!answer.all.contains(token)) }
                }
            }
        }
    }

    @Test func `is what children may not print the token of`() async throws {
        try await Workshop.with("leak: {run: [sh, -c, \"echo $SHIPIT_TOKEN\"]}") { shop in
            try await Self.withAPI { _, become in
                let dora = try await become("developer", "dora")
                let ran = try await shop.shipit("run", "work", adding: dora)
                #expect(ran.code == 0, "\(ran.all)")
                let secret = try #require(dora["SHIPIT_TOKEN"]?.split(separator: "_").last)
                let logs = try await shop.shipit("logs", Shops.run(in: ran.text), adding: dora)
                #expect(!ran.all.contains(secret) && !logs.all.contains(secret))

                // The same from a file.
                let file = "\(shop.folder)/.git/token"
                try (dora["SHIPIT_TOKEN"] ?? "").write(toFile: file, atomically: true, encoding: .utf8)
                var variables = dora
                variables["SHIPIT_TOKEN"] = nil
                variables["SHIPIT_TOKEN_FILE"] = file
                let history = try await shop.shipit("history", adding: variables)
                #expect(history.code == 0 && history.text.contains("dora"), "\(history.all)")
            }
        }
    }

    @Test func `is looked at by doctor, which tells a token that is not taken from an API that is away`() async throws {
        try await Workshop.with("fine: {run: [\"true\"]}") { shop in
            try await Self.withAPI { api, become in
                let words = "\(api.state) is a ledger that this shipit knows, and takes us for dora, by SHIPIT_TOKEN"
                let good = try await shop.doctor(adding: try await become("developer", "dora")) { $0.text.contains(words) }
                #expect(good.text.contains(words), "\(good.all)")
                let bad = "shipit_aaaaaaaaaaaaa_\(String(repeating: "0", count: 64))"
                for (variables, words) in [
                    (["SHIPIT_STATE": api.state, "SHIPIT_TOKEN": bad], "no token that is known here"),
                    (["SHIPIT_STATE": api.state], "there is no token for it"),
                    (["SHIPIT_STATE": "http://127.0.0.1:1", "SHIPIT_TOKEN": bad], "does not answer"),
                ] {
                    let answer = try await shop.doctor(adding: variables) { $0.all.contains(words) }
                    #expect(answer.code == 1 && answer.all.contains(words) && !answer.all.contains(bad), "\(answer.all)")
                    let history = try await shop.shipit("history", adding: variables)
                    #expect(history.code == 1 && history.errors.contains(words), "\(history.all)")
                }
            }
        }
    }

    @Test func `is used by a workflow that was given no token, whose secrets nobody prints`() async throws {
        try await Workshop.with("leak: {run: [sh, -c, \"env; printenv SHIPIT_TOKEN || true\"]}") { shop in
            let issuer = try await GitHubIssuer()
            try await PostgresServer.withDatabase { database in
                try await LedgerAPI.with(database, trusting: issuer) { api in
                    let variables = issuer.variables.merging(["SHIPIT_STATE": api.state]) { $1 }
                    let ran = try await shop.shipit("run", "work", adding: variables)
                    #expect(ran.code == 0, "\(ran.all)")
                    let logs = try await shop.shipit("logs", Shops.run(in: ran.text), adding: variables)
                    #expect(logs.text.contains("ACTIONS_ID_TOKEN_REQUEST_TOKEN=•••"), "\(logs.all)")
                    #expect(!logs.text.contains("shipit_"), "the token is no child's: \(logs.all)")
                    #expect(!(ran.all + logs.all).contains(issuer.secret))
                    let history = try await shop.shipit("history", adding: variables)
                    #expect(history.code == 0 && history.text.contains("octocat"), "\(history.all)")
                    let words = "takes us for octocat, by the identity that GitHub signs for this workflow"
                    let doctor = try await shop.doctor(adding: variables) { $0.text.contains(words) }
                    #expect(doctor.text.contains(words), "\(doctor.all)")

                    try await issuer.post("/job", ["sub": "repo:acme/fork:pull_request"])
                    let fork = "'repo:acme/fork:pull_request'"
                    for refused in [
                        try await shop.shipit("history", adding: variables),
                        try await shop.doctor(adding: variables) { $0.all.contains(fork) },
                    ] {
                        #expect(refused.code == 1 && refused.all.contains(fork), "\(refused.all)")
                        #expect(refused.all.contains("API_GITHUB_SUBJECTS"), "\(refused.all)")
                    }
                }
            }
        }
    }

    @Test func `is no way to a rollback for who may not hold: it is refused before anything is looked at`() async throws {
        try await Workshop.with("ask: {approve: production}") { shop in
            try await Self.withAPI { api, become in
                // A docker that writes down that it was asked, and knows nothing.
                try shop.edit(".git/docker") { _ in "#!/bin/sh\necho \"$@\" >> '\(shop.folder)/.git/asked'\nexit 1\n" }
                try await World.run("chmod", ["+x", "\(shop.folder)/.git/docker"])
                let path = ["PATH": "\(shop.folder)/.git:\(shop.variables["PATH"] ?? "")"]
                let dora = try await become("developer", "dora").merging(path) { $1 }

                let refused = try await shop.shipit("rollback", "production", adding: dora)
                #expect(refused.code == 1, "\(refused.all)")
                for words in [
                    "production is not rolled back, and nothing was touched", "role is developer",
                    "these may: release-manager, on-call, admin", "Ask somebody of such a role",
                ] { #expect(refused.errors.contains(words), "\(words): \(refused.all)") }
                #expect(shop.kept("asked").isEmpty)
                let lines = try await Self.accesses(api, as: try await become("admin", "root"))
                #expect(!lines.contains { $0.contains("dora") }, "\(lines)")

                let planned = try await shop.shipit("rollback", "production", "--plan", adding: dora)
                #expect(!planned.all.contains("role is"), "\(planned.all)")
                #expect(!shop.kept("asked").isEmpty)
                let oncall = try await become("on-call", "olga").merging(path) { $1 }
                let looked = try await shop.shipit("rollback", "production", adding: oncall)
                #expect(!looked.all.contains("role is"), "\(looked.all)")
            }
        }
    }

    @Test func `is moved to, compared, exported and pruned by an admin`() async throws {
        try await Workshop.with("fine: {run: [\"true\"]}") { shop in
            try await Self.withAPI { api, become in
                for _ in 0..<3 { #expect(try await shop.shipit("run", "work").code == 0) }
                let (admin, dora) = (try await become("admin", "root"), try await become("developer", "dora"))
                // What others wrote is brought in by admins alone.
                let refused = try await shop.shipit(
                    "state", "migrate", api.state, adding: dora.filter { $0.key != "SHIPIT_STATE" })
                #expect(refused.code == 1 && refused.errors.contains("somebody else"), "\(refused.all)")
                let moved = try await shop.shipit(
                    "state", "migrate", api.state, adding: admin.filter { $0.key != "SHIPIT_STATE" })
                #expect(moved.code == 0, "\(moved.all)")
                let same = try await shop.shipit("state", "verify", "\(shop.folder)/.shipit/state.db", adding: admin)
                #expect(same.code == 0, "\(same.all)")
                let file = "\(shop.folder)/.git/ledger.jsonl"
                let exported = try await shop.shipit("state", "export", file, adding: dora)
                #expect(exported.code == 0, "\(exported.all)")
                let known = try await shop.shipit("state", "import", file, adding: dora)
                #expect(known.code == 0, "nothing of it is new: \(known.all)")
                // Until the runs are as old as that.
                while try await shop.shipit("state", "prune", "--older-than", "1s", "--dry-run", adding: dora).text
                    .contains("0 runs")
                {}
                let kept = try await shop.shipit("state", "prune", "--older-than", "1s", adding: dora)
                #expect(kept.code == 1 && kept.errors.contains("admin"), "\(kept.all)")
                let pruned = try await shop.shipit("state", "prune", "--older-than", "1s", adding: admin)
                #expect(pruned.code == 0, "\(pruned.all)")
                #expect(try await shop.shipit("audit", "verify", adding: dora).code == 0)
            }
        }
    }
}
