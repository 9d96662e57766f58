import Foundation
import Processes
import Shops
import Testing

/// `shipit images`: what the registry has, and what of it is in use.
@Suite struct ImagesTests {
    private struct Listed: Decodable {
        struct Entry: Decodable {
            var tag: String
            var digest: String
            var isLatest: Bool
            var running: [String]
            var lastGood: [String]
            var subject: String?
        }
        struct Stray: Decodable {
            var environment: String
            var isRunning: Bool
            var isThere: Bool
        }

        var service: String
        var commits: Int
        var images: [Entry]
        var strays: [Stray]
    }

    private func listed(_ shop: Shop, _ limit: Int) async throws -> Listed {
        let answer = try await shop.shipit("images", "api", "--limit", "\(limit)", "--json")
        #expect(answer.code == 0, "\(answer.all)")
        return try #require(JSONDecoder().decode([Listed].self, from: Data(answer.text.utf8)).first)
    }

    @Test func `lists the newest commits first, with what points to each, and asks for no more than it shows`() async throws {
        try await Shop.with { shop in
            let nothing = try await shop.shipit("images")
            #expect(nothing.code == 0 && nothing.text.contains("nothing was pushed yet"), "\(nothing.all)")

            var commits = [try await shop.git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines)]
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            for word in ["two", "three", "four\u{1B}[2J"] {
                try shop.edit("service/api.txt") { _ in "api \(word)\n" }
                commits.append(try await shop.commit(word))
                #expect(try await shop.shipit("run", "release", "--to", "build-api").code == 0)
            }

            let all = try await listed(shop, 20)
            #expect(all.commits == 4 && all.strays.isEmpty)
            #expect(all.images.map(\.tag) == commits.reversed())
            #expect(all.images.map(\.subject) == ["four\u{1B}[2J", "three", "two", "one"])
            #expect(all.images.map(\.isLatest) == [true, false, false, false])
            #expect(all.images.map(\.running) == [[], [], [], ["staging"]])
            #expect(all.images.last?.lastGood == ["staging"])

            let registry = try World.variable("SHIPIT_E2E_REGISTRY")
            func requests() async throws -> Int {
                let seen = try await World.run(
                    "curl", ["--silent", "--fail", "http://\(registry)/_requests?path=/\(shop.name)/api/manifests/"])
                return seen.matches(of: #/"status": 200/#).count
            }
            let before = try await requests()
            let few = try await listed(shop, 1)
            #expect(few.commits == 4 && few.images.map(\.tag) == [commits[3], commits[0]], "the newest, and what runs")
            #expect(try await requests() - before == 3, "both and 'latest'")

            let text = try await shop.shipit("images", "--limit", "1")
            #expect(text.text.contains("runs on staging") && text.text.contains("and 2 more"), "\(text.all)")
            #expect(text.text.contains("four") && !text.text.contains("\u{1B}"), "a subject moves nobody's cursor")
            #expect(try await shop.shipit("images", "apo").code == 2)
        }
    }

    @Test func `tells what an environment runs and the registry has lost`() async throws {
        try await Shop.with { shop in
            let commit = try await shop.git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let entry = try #require(try await listed(shop, 20).images.first)
            #expect(entry.tag == commit)
            // Its clean-up has gone too far: no manifest answers any more.
            let registry = try World.variable("SHIPIT_E2E_REGISTRY")
            let gone = #"[{"path": "^/v2/\#(shop.name)/api/manifests/", "status": 404, "times": 100}]"#
            try await World.run("curl", ["--silent", "--fail", "--data-binary", gone, "http://\(registry)/_faults"])
            let after = try await listed(shop, 20)
            #expect(after.images.isEmpty && after.strays.count == 2, "what runs, and what is last good")
            #expect(after.strays.allSatisfy { $0.environment == "staging" && !$0.isThere })
            let text = try await shop.shipit("images", "api")
            #expect(text.text.contains("which the registry has no more"), "\(text.all)")
        }
    }
}
