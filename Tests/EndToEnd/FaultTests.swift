import Foundation
import Shops
import Testing

/// What goes wrong outside, and what shipit says and does then.
@Suite struct FaultTests {
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
}
