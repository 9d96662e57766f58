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
            let first = try await Self.shipFirst(in: shop)
            try shop.edit("pipelines/project.yml") { text in
                text.replacing("WEB_PORT: \"\(shop.stagingPort)\"", with: "WEB_PORT: \"\(taken.number)\"")
            }
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

    /// Ships the first release, and writes the page of another.
    private static func shipFirst(in shop: Shop) async throws -> Answer {
        let first = try await shop.shipit("deploy", "staging")
        #expect(first.code == 0, "\(first.all)")
        try shop.edit("service/web.txt") { _ in "web two\n" }
        return first
    }

    @Test func `a switch that is interrupted is taken back, and made by whoever goes on`() async throws {
        try await Shop.with { shop in
            let first = try await Self.shipFirst(in: shop)
            try await shop.commit("two")
            let (end, text) = try await shop.shipit(
                "deploy", "staging", steps: Step.halfway { .signal(SIGINT, when: $0) })
            #expect(end == .exited(130), "\(text)")
            #expect(text.contains("switching back to release \(run(in: first.text))"), "\(text)")
            #expect(await shop.page(shop.stagingPort)?.contains("web one") == true)
            let answer = try await shop.shipit("resume", run(in: text))
            #expect(answer.code == 0, "\(answer.all)")
            #expect(await shop.page(shop.stagingPort)?.contains("web two") == true)
        }
    }

    /// Its docker is stopped while it switches, so that only KILL ends it, and then nothing of the stage's time is left.
    @Test func `a switch that takes too long is taken back after its time`() async throws {
        try await Shop.with { shop in
            let first = try await Self.shipFirst(in: shop)
            try shop.edit("pipelines/release.yml") { text in
                text.replacing("{deploy: staging}", with: "{deploy: staging, timeout: 20s}")
            }
            try await shop.commit("two")
            let (end, text) = try await shop.shipit(
                "deploy", "staging",
                steps: Step.halfway { mark in
                    Step(when: mark) { _, text in for docker in Step.deploying(text) { _ = Glibc.kill(docker.pid, SIGSTOP) } }
                })
            #expect(end == .exited(1), "\(text)")
            #expect(text.contains("took too long: it is being ended"), "\(text)")
            #expect(text.contains("switching back to release \(run(in: first.text))"), "\(text)")
            #expect(await shop.page(shop.stagingPort)?.contains("web one") == true)
        }
    }

    /// The ledger has not heard of the release that is there in part: it is that one which a rollback leaves behind.
    @Test func `a rollback from half a switch leads to what ran before it`() async throws {
        try await Shop.with { shop in
            for version in ["one", "two"] {
                try shop.edit("service/web.txt") { _ in "web \(version)\n" }
                if version != "one" { try await shop.commit(version) }
                let answer = try await shop.shipit("deploy", "staging")
                #expect(answer.code == 0, "\(answer.all)")
            }
            try shop.edit("service/web.txt") { _ in "web three\n" }
            try await shop.commit("three")
            let (end, text) = try await shop.shipit("deploy", "staging", steps: Step.halfway(Step.killDeployment))
            #expect(end == .signaled(SIGKILL), "\(text)")
            let answer = try await shop.shipit("rollback", "staging")
            #expect(answer.code == 0, "\(answer.all)")
            #expect(await shop.page(shop.stagingPort)?.contains("web two") == true, "\(answer.all)")
        }
    }
}
