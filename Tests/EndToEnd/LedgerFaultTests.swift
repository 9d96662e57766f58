import Foundation
import PostgresServer
import Processes
import Shops
import Testing

/// A ledger that cannot be reached or written.
@Suite struct LedgerFaultTests {
    @Test func `a ledger's server that is down is named, without its password`() async throws {
        let port = try ReservedPort().number
        try await Workshop.with("greet: {run: [touch, .git/greeted]}") { shop in
            let state = ["SHIPIT_STATE": "postgres://shipit:sentinel-password@127.0.0.1:\(port)/ledger"]
            for command in [["run", "work"], ["status"]] {
                let answer = try await shop.finish(shop.command(command, adding: state))
                #expect(answer.code == 1, "\(answer.all)")
                #expect(answer.errors.contains("127.0.0.1:\(port)") && answer.errors.contains("refused"), "\(answer.all)")
                #expect(!answer.all.contains("sentinel-password"))
            }
            #expect(!FileManager.default.fileExists(atPath: "\(shop.folder)/.git/greeted"), "nothing runs without a ledger")
        }
    }

    @Test func `a wrong password for the ledger is said to be wrong, and not shown`() async throws {
        let server = try World.variable("SHIPIT_E2E_POSTGRES")
        try await Workshop.with("greet: {run: [echo, hello]}") { shop in
            let state = server.replacing(#/:[^:@\/]+@/#, with: ":sentinel-password@")
            let answer = try await shop.shipit("run", "work", adding: ["SHIPIT_STATE": state])
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.errors.contains("password authentication failed"), "\(answer.all)")
            #expect(!answer.all.contains("sentinel-password"))
        }
    }

    @Test(arguments: ["down", "refused"])
    func `an environment's database that cannot be used ends the deployment`(fault: String) async throws {
        let port = try ReservedPort().number
        try await Shop.with { shop in
            let url =
                fault == "down"
                ? "postgres://shipit:sentinel-password@127.0.0.1:\(port)/shop"
                : shop.staging.replacing(#/:[^:@\/]+@/#, with: ":sentinel-password@")
            try shop.edit("pipelines/release.yml") { text in
                text.replacing(", needs: [build-api, build-web]}", with: "}")
            }
            try await shop.commit("migrate alone")
            let answer = try await shop.shipit(
                "run", "release", "--to", "migrate-staging", adding: ["STAGING_DATABASE_URL": url])
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.text.contains("The database of staging failed"), "\(answer.all)")
            #expect(answer.text.contains(fault == "down" ? "127.0.0.1:\(port)" : "password authentication failed"))
            #expect(!answer.all.contains("sentinel-password"))
        }
    }

    /// Many stages that each leave a mark, one after another.
    private static let marks = (0..<120).map { number in
        "s\(number): {run: [sh, -c, \"echo \(number) >> .git/marks\"], idempotent: true"
            + (number == 0 ? "}" : ", needs: [s\(number - 1)]}")
    }.joined(separator: "\n")

    @Test func `a disk that is full stops the run, and nothing is lost`() async throws {
        try await Workshop.with(Self.marks) { shop in
            // In a mount namespace of its own: the little disk is seen by this shell alone and ends with it.
            let script = """
                mkdir .git/disk && mount -t tmpfs -o size=300k disk .git/disk || exit 99
                export SHIPIT_STATE=.git/disk/state.db
                "$0" run work > .git/full.txt 2>&1; echo $? > .git/full.code; cat .git/marks > .git/marks-when-full
                mount -o remount,size=64m .git/disk || exit 98
                "$0" history --json > .git/history.txt 2>&1 || exit 97
                exec "$0" resume "$(sed -n 's/^run \\([0-9a-z]*\\) of.*/\\1/p' .git/full.txt)"
                """
            let answer = try await shop.finish(
                Command(
                    "unshare", ["--mount", "sh", "-c", script, World.shipit], environment: shop.variables,
                    workingDirectory: shop.folder, deadline: .seconds(1200)))
            #expect(shop.kept("full.code") == "1\n")
            let said = shop.kept("full.txt")
            #expect(said.contains("state.db") && said.contains("disk") && said.contains("space"), "\(said.suffix(800))")
            #expect(shop.kept("marks-when-full").split(separator: "\n").count < 120, "it must have filled: \(said.suffix(800))")
            #expect(shop.kept("history.txt").contains(run(in: said)), "\(shop.kept("history.txt"))")
            #expect(answer.code == 0, "\(answer.all)")
            let marks = shop.kept("marks").split(separator: "\n").compactMap { Int($0) }
            #expect(Set(marks) == Set(0..<120))
            #expect(marks.count <= 121, "only what was under way when the disk filled may be repeated")
        }
    }
}
