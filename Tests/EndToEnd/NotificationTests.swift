import Foundation
import Peers
import Processes
import Shops
import Testing

/// What people and programs are told of real runs, by real receivers; signatures are checked by Python.
@Suite struct NotificationTests {
    /// The body of a webhook.
    private struct Told: Decodable {
        struct Content: Decodable {
            struct Failure: Decodable { var code: String }
            struct Hold: Decodable { var reason: String }

            var project: String
            var run: String
            var commit: String
            var stage: String
            var environment: String?
            var by: String
            var from: String?
            var hold: Hold?
            var failure: Failure?
            var link: String?
            var next: [String]
        }

        var type: String
        var data: Content

        init(_ post: WebhookPeer.Post) throws {
            self = try JSONDecoder().decode(Self.self, from: Data(post.body.utf8))
        }
    }

    /// Adds notifications to a project: YAML, a line for each.
    private static func name(_ notifications: [String], in shop: some Checkout) async throws {
        try shop.edit("pipelines/project.yml") {
            $0 + "page: https://shipit.example.org\nnotifications:\n" + notifications.map { "  - \($0)\n" }.joined()
        }
        try await shop.commit("notifications")
    }

    /// The ids of messages: one that was answered too late is sent again, with the same.
    private static func ids(_ posts: [WebhookPeer.Post]) -> Set<String?> { Set(posts.map { $0.headers["webhook-id"] }) }

    /// What shipit finds in its environment, beside what else is there.
    private static let key = ["WEBHOOK_KEY": WebhookPeer.key]

    /// A mail in a file, as Python reads it.
    private static func mail(_ file: String) async throws -> (subject: String, to: String, body: String) {
        let script = """
            import email, email.policy, sys
            mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
            print(mail["Subject"], mail["To"], mail.get_content(), sep="\\0", end="")
            """
        let parts = try await World.run("python3", ["-c", script, file]).split(separator: "\0").map(String.init)
        try #require(parts.count == 3)
        return (parts[0], parts[1], parts[2])
    }

    @Test func `an approval that waits is told once, however often the run is taken up again`() async throws {
        let peer = try WebhookPeer()
        try await Workshop.with("approve-production: {approve: production}") { shop in
            try await Self.name(
                [
                    "{webhook: \"\(peer.address)/good\", key: \"${env:WEBHOOK_KEY}\"}",
                    "{command: [sh, -c, \"cat > .git/mail\"], from: \"shipit@example.org\", to: [\"oncall@example.org\"]}",
                    "{slack: \"${env:NOT_ASKED_FOR}\", on: [failed, rolled-back]}",
                ], in: shop)
            let waiting = try await shop.shipit("run", "work", adding: Self.key)
            #expect(waiting.code == 3 && !waiting.all.contains("not delivered"), "\(waiting.all)")
            let id = run(in: waiting.text)
            let posts = try peer.received()
            #expect(Self.ids(posts).count == 1 && posts.allSatisfy(\.isSigned))
            let told = try Told(try #require(posts.last))
            #expect(told.type == "approval.waiting" && told.data.run == id && told.data.environment == "production")
            #expect(told.data.by == "tester" && told.data.project == "workshop")
            #expect(told.data.link == "https://shipit.example.org/#/runs/\(id)/approval/approve-production")
            #expect(told.data.next.first == "shipit approve \(id) --continue")
            let mail = try await Self.mail("\(shop.folder)/.git/mail")
            #expect(mail.subject.hasPrefix("[workshop] production waits for approval of change "))
            #expect(mail.to == "oncall@example.org" && mail.body.contains("shipit approve \(id) --continue"))

            #expect(try await shop.shipit("resume", id, adding: Self.key).code == 3)
            #expect(try await shop.shipit("run", "work", adding: Self.key).code == 3)
            #expect(try peer.received().count == posts.count)
            #expect(try await shop.shipit("approve", id, "--continue", adding: Self.key).code == 0)
            #expect(try peer.received().count == posts.count)
        }
    }

    @Test func `a failure is told, and neither whoever cannot be told nor a secret changes how the run ends`() async throws {
        let peer = try WebhookPeer()
        let stages = "broken: {run: [sh, -c, \"env > .git/env; exit 7\"]}\nafter: {run: [touch, .git/after], needs: [broken]}"
        try await Workshop.with(stages) { shop in
            try await Self.name(
                [
                    "{webhook: \"\(peer.address)/good\", key: \"${env:WEBHOOK_KEY}\", on: [failed]}",
                    "{slack: \"${env:SLACK_WEBHOOK}\"}", "{teams: \"${env:NOT_SET}\"}",
                ], in: shop)
            let secrets = ["SLACK_WEBHOOK": "\(peer.address)/refuse/services/T0/B0/hunter2"]
            let failed = try await shop.shipit("run", "work", adding: Self.key.merging(secrets) { one, _ in one })
            #expect(failed.code == 1, "\(failed.all)")
            let lines = failed.text.split(separator: "\n").filter { $0.contains("not delivered") }
            #expect(lines.count == 1, "\(failed.all)")
            #expect(lines.first?.contains("notification 2 (slack), that broken failed: command-failed: HTTP 400") ?? false)
            #expect(lines.first?.contains("notification 3 (teams)") ?? false)
            #expect(
                !failed.all.contains("hunter2") && !shop.kept("env").contains("hunter2") && shop.kept("env").contains("PATH="))
            let told = try peer.received().filter { $0.path == "/good" }
            #expect(Self.ids(told).count == 1 && told.allSatisfy(\.isSigned))
            let content = try Told(try #require(told.first))
            #expect(content.type == "stage.failed" && content.data.failure?.code == "command-failed")
            #expect(content.data.stage == "broken" && content.data.run == run(in: failed.text))

            let before = try peer.received().count
            let doctor = try await shop.shipit("doctor", adding: Self.key.merging(secrets) { one, _ in one })
            #expect(doctor.text.contains(#/notifications +notification 3 \(teams\) wants the variable NOT_SET/#), "\(doctor.all)")
            #expect(try peer.received().count == before, "nothing is sent")

            let trial = try await shop.shipit("notifications", "test", adding: Self.key.merging(secrets) { one, _ in one })
            #expect(trial.code == 1 && trial.text.contains("✓  notification 1 (webhook)  was told"), "\(trial.all)")
            #expect(trial.text.contains("✗  notification 2 (slack)    HTTP 400: invalid"), "\(trial.all)")
            #expect(try Told(try #require(try peer.received().last { $0.path == "/good" })).type == "trial")
            let none = try await shop.shipit("notifications", "test", "--on", "deployed")
            #expect(none.code == 2 && none.errors.contains("names nobody who is told of 'deployed'"), "\(none.all)")
        }
    }

    @Test func `a receiver that hangs keeps no run, and the first Ctrl-C ends the wait for it`() async throws {
        let peer = try WebhookPeer()
        try await Workshop.with("approve-production: {approve: production}") { shop in
            try await Self.name(["{slack: \"${env:SLACK_WEBHOOK}\"}"], in: shop)
            let step = Step(when: "waits for approval of change") { pid, _ in
                while let posts = try? peer.received(), posts.isEmpty { await Task.yield() }
                kill(pid, SIGINT)
            }
            let secrets = ["SLACK_WEBHOOK": "\(peer.address)/hang/1"]
            let (end, text) = try await shop.shipit("run", "work", adding: secrets, steps: [step])
            #expect(end == .exited(3) || end == .exited(130), "\(text)")
            #expect(text.contains("not delivered: notification 1 (slack)"), "\(text)")
            #expect(try peer.received().count == 1, "it was not tried again")

            try shop.edit("note") { _ in "another" }
            try await shop.commit("another")
            let left = try await shop.shipit("run", "work", adding: secrets)
            #expect(left.code == 3 && left.text.contains("not delivered: notification 1 (slack)"), "\(left.all)")
        }
    }

    @Test func `a rollback tells from where to where, why, and that deploys are held`() async throws {
        let peer = try WebhookPeer()
        try await Shop.with { shop in
            try await Self.name(
                [
                    "{webhook: \"\(peer.address)/good\", key: \"${env:WEBHOOK_KEY}\", "
                        + "on: [deployed, failed, rolled-back], environments: [staging]}",
                    "{command: [sh, -c, \"cat > .git/mail\"], from: \"shipit@example.org\", to: [\"oncall@example.org\"]}",
                ], in: shop)
            let one = try await shop.git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try await shop.shipit("deploy", "staging", adding: Self.key).code == 0)
            try shop.edit("service/web.txt") { _ in "web two\n" }
            let two = try await shop.commit("two")
            #expect(try await shop.shipit("deploy", "staging", adding: Self.key).code == 0)
            let back = try await shop.shipit("rollback", "staging", "--reason", "prices are wrong", adding: Self.key)
            #expect(back.code == 0, "\(back.all)")
            let posts = try peer.received()
            let told = try posts.map { try Told($0) }
            #expect(posts.allSatisfy { $0.isSigned })
            #expect(told.map(\.type) == ["environment.deployed", "environment.deployed", "environment.rolled_back"])
            #expect(told.map(\.data.commit) == [one, two, one])
            #expect(told.last?.data.from == two && told.last?.data.hold?.reason == "prices are wrong")
            let mail = try await Self.mail("\(shop.folder)/.git/mail")
            #expect(mail.subject == "[shop] staging was rolled back to \(one.prefix(12))")
            #expect(mail.body.contains("shipit unhold staging") && mail.body.contains("prices are wrong"))
        }
    }
}
