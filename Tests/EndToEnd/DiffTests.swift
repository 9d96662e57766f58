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

            try shop.edit("service/api.txt") { _ in "api two\n" }
            try await shop.commit("two")
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let after = try await shop.shipit("diff", "staging", "--live", "--commit", "HEAD~1")
            #expect(after.all.contains("~ api") && after.all.contains("-image: "), "\(after.all)")
            #expect(try await shop.shipit("plan").all.contains("which is the same"))
        }
    }
}
