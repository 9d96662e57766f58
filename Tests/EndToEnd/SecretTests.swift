import Foundation
import Processes
import Shops
import Synchronization
import Testing

/// A secret is handed to whom it is meant for, and is nowhere else: not printed, kept, listed, pushed or journaled.
@Suite struct SecretTests {
    /// A secret and the forms in which tools repeat one.
    private struct Sentinel {
        let value = "sentinel-\(UInt64.random(in: .min ... .max))"

        /// Raw, hexadecimal, and base 64 at each of the three places where it can begin in a longer text.
        var forms: [String] {
            let bytes = Data(value.utf8)
            let hex = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            let encoded = (0..<3).map { shift in
                // The first and last group hold bits of the neighbours.
                String((Data(count: shift) + bytes).base64EncodedString().dropFirst(4).dropLast(4))
            }
            return [value, hex, hex.uppercased()] + encoded
        }

        func isIn(_ text: String) -> Bool { forms.contains { text.contains($0) } }
    }

    @Test func `no secret is in anything that is printed, kept, pushed or journaled`() async throws {
        let sentinel = Sentinel()
        try await Shop.with { shop in
            let variables = try await secrets(of: shop, sentinel)
            try shop.edit("pipelines/project.yml") { text in
                text.replacing(
                    "values: {WEB_PORT: \"\(shop.stagingPort)\"",
                    with: "values: {TOKEN: \"${env:SENTINEL}\", WEB_PORT: \"\(shop.stagingPort)\"")
            }
            try shop.edit("pipelines/release.yml") { text in
                text
                    + "  leak: {run: [sh, -c, \"echo $S; echo $S | base64; printf $S | od -An -tx1 | tr -d ' \\\\n'; env\"], env: {S: \"${env:SENTINEL}\"}, needs: [verify-staging]}\n"
            }
            try await shop.commit("leak")
            let isOver = Atomic<Bool>(false)
            async let seen = Self.commandLines(until: isOver)
            var said = try await shop.shipit("plan", "--json", adding: variables).all
            let deployed = try await shop.shipit("run", "release", "--to", "leak", adding: variables)
            isOver.store(true, ordering: .relaxed)
            let lines = await seen
            #expect(deployed.code == 0, "\(deployed.all)")
            said += deployed.all
            let run = Shops.run(in: deployed.text)
            for command in [["status", "--json"], ["history"], ["history", "staging", "--json"], ["logs", run]] {
                said += try await shop.finish(shop.command(command, adding: variables)).all
            }
            #expect(said.contains("•••"), "the stage printed it, and it was left out")
            #expect(!sentinel.isIn(said), "\(said)")
            #expect(
                lines.contains { $0.contains("docker") } && !lines.contains(where: sentinel.isIn),
                "\(lines.filter(sentinel.isIn))")

            let kept = try await World.run(
                "sh",
                ["-c", "grep -rlaiF \"$@\" .shipit .git/temporary || true", "sh"] + sentinel.forms.flatMap { ["-e", $0] },
                in: shop.folder)
            #expect(kept.isEmpty, "kept in \(kept)")
            let temporary = try FileManager.default.contentsOfDirectory(atPath: "\(shop.folder)/.git/temporary")
            #expect(temporary.isEmpty, "left behind: \(temporary)")

            let ledger = try await World.run("pg_dump", [try ledger(of: shop)])
            #expect(ledger.contains(run) && !sentinel.isIn(ledger), "\(ledger.count) characters")
            try await inspectImages(of: shop, sentinel)
        }
    }

    /// The variables in which the secret is: a value for the containers, and the password of database and ledger.
    private func secrets(of shop: Shop, _ sentinel: Sentinel) async throws -> [String: String] {
        let server = try World.variable("SHIPIT_E2E_POSTGRES")
        let owner = try #require(server.firstMatch(of: #/:\/\/([^:]+):/#)).1
        try await World.run(
            "psql",
            [server, "--quiet", "--command", "CREATE ROLE \(shop.name) LOGIN PASSWORD '\(sentinel.value)' IN ROLE \(owner)"])
        _ = try await World.database("\(shop.name)_ledger")
        func signedIn(_ url: String) -> String { url.replacing(#/\/\/[^@]+@/#, with: "//\(shop.name):\(sentinel.value)@") }
        try FileManager.default.createDirectory(atPath: "\(shop.folder)/.git/temporary", withIntermediateDirectories: false)
        return [
            "SENTINEL": sentinel.value, "STAGING_DATABASE_URL": signedIn(shop.staging),
            "SHIPIT_STATE": signedIn(try ledger(of: shop)), "TMPDIR": "\(shop.folder)/.git/temporary",
        ]
    }

    private func ledger(of shop: Shop) throws -> String {
        try World.variable("SHIPIT_E2E_POSTGRES").replacing(#/\/[^\/]*$/#, with: "/\(shop.name)_ledger")
    }

    /// Histories and labels of the images, and labels of the containers, hold no secret.
    private func inspectImages(of shop: Shop, _ sentinel: Sentinel) async throws {
        let registry = try World.variable("SHIPIT_E2E_REGISTRY")
        let commit = try await shop.git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines)
        for service in ["api", "web"] {
            let image = "\(registry)/\(shop.name)/\(service):\(commit)"
            let history = try await World.run("docker", ["history", "--no-trunc", image])
            let description = try await World.run("docker", ["image", "inspect", image])
            #expect(description.contains(commit) && !sentinel.isIn(history + description), "\(history)\(description)")
        }
        let containers = try await World.run(
            "docker", ["ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=\(shop.name)-staging"])
        let labels = try await World.run(
            "docker",
            ["inspect", "--format", "{{json .Config.Labels}}{{json .Config.Cmd}}"]
                + containers.split(separator: "\n").map(String.init))
        #expect(labels.contains("sh.shipit.release") && !sentinel.isIn(labels), "\(labels)")
    }

    /// The command lines of every process of this machine, looked at over and over.
    private static func commandLines(until isOver: borrowing Atomic<Bool>) async -> Set<String> {
        var lines: Set<String> = []
        while !isOver.load(ordering: .relaxed) {
            for process in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            where process.first?.isNumber == true {
                guard let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { continue }
                lines.insert(String(decoding: line, as: UTF8.self).replacing("\0", with: " "))
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return lines
    }
}
