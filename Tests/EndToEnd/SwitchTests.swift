import Foundation
import PostgresServer
import Processes
import Shops
import Testing

/// The moment in which a release is switched in, when it goes wrong although the candidate was healthy.
@Suite struct SwitchTests {
    @Test func `a port that is taken takes the deployment back to the release that served`() async throws {
        let taken = try ReservedPort(isListening: true)
        try await Shop.with { shop in
            let first = try await shop.shipit("deploy", "staging")
            #expect(first.code == 0, "\(first.all)")
            try shop.edit("pipelines/project.yml") { text in
                text.replacing("WEB_PORT: \"\(shop.stagingPort)\"", with: "WEB_PORT: \"\(taken.number)\"")
            }
            try shop.edit("service/web.txt") { _ in "web two\n" }
            try await shop.commit("two")
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.text.contains("was healthy as a candidate and is not after the switch"), "\(answer.all)")
            #expect(answer.text.contains("\(taken.number)"), "it says which port: \(answer.all)")
            #expect(answer.text.contains("Release \(run(in: first.text)) was switched back in."), "\(answer.all)")
            #expect(await shop.page(shop.stagingPort)?.contains("web one") == true)
            let status = try await shop.shipit("status", "staging")
            #expect(status.text.contains(run(in: first.text)), "\(status.all)")
        }
    }
}
