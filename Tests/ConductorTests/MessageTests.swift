import FixtureFiles
import Foundation
import HTTP
import Hashing
import Pipeline
import Processes
import Testing

@testable import Conductor

/// Announcements in the form in which programs, Slack, Teams and mail take them; `Tests/Fixtures/notifications` holds each.
@Suite struct MessageTests {
    @Test func `each message is the one that is written down`() throws {
        for (name, announcement) in try Told.each() {
            let mail = MailMessage(announcement, from: "shipit@example.org", to: ["a@example.org", "b@example.org"])
            let messages = [
                ("webhook.json", WebhookMessage(announcement).body), ("slack.json", SlackMessage(announcement).body),
                ("teams.json", TeamsMessage(announcement).body), ("eml", mail.bytes),
            ]
            for (kind, bytes) in messages {
                let text = String(decoding: bytes, as: UTF8.self)
                try Fixtures.expect(text.hasSuffix("\n") ? text : text + "\n", matches: "notifications/\(name).\(kind)")
            }
        }
    }

    @Test func `messages are signed as Standard Webhooks has it`() throws {
        let message = WebhookMessage(try Told.each()[0].announcement)
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let headers = message.headers(under: key, at: 1_614_265_330)
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers[0].value == "1ryh578ztb/approve-production/1/approval.waiting" && headers[1].value == "1614265330")
        // The example of the specification's own libraries.
        let signed = Array(#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#.utf8)
        let bytes = try #require(Data(base64Encoded: String(key.dropFirst(6))))
        let sum = SHA256Sum(of: signed, under: Array(bytes))
        #expect(Data(sum.bytes).base64EncodedString() == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(WebhookMessage.isKey("any other text") && !WebhookMessage.isKey("whsec_*"))
    }

    @Test func `a mail says the same to whoever parses it, and nothing that others wrote becomes a header`() async throws {
        let folder = NSTemporaryDirectory() + "shipit-mail-\(UInt64.random(in: .min ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var announcement = try #require(try Told.each().first { $0.name == "failed" }).announcement
        let code = "Zoë\r\nBcc: x@example.org =?utf-8?q?x?= \u{2028}" + String(repeating: "ö", count: 200)
        announcement.news = .failed(Failure(code: code, message: Told.hostile))
        let mail = MailMessage(announcement, from: "shipit@example.org", to: ["a@example.org", "b@example.org"])
        try Data(mail.bytes).write(to: URL(fileURLWithPath: "\(folder)/mail"))
        let script = """
            import email, email.policy, json, sys
            mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
            print(json.dumps({"names": mail.keys(), "subject": mail["Subject"], "to": [a.addr_spec for a in mail["To"].addresses],
                "date": mail["Date"].datetime.isoformat(), "body": mail.get_content(), "defects": len(mail.defects)}))
            """
        let answer = try await capture(
            Command("python3", ["-c", script, "\(folder)/mail"], environment: Command.inheritedEnvironment))
        struct Parsed: Decodable {
            var names: [String]
            var subject: String
            var to: [String]
            var date: String
            var body: String
            var defects: Int
        }
        let parsed = try JSONDecoder().decode(Parsed.self, from: Data(answer.standardOutput))
        #expect(
            parsed.names == [
                "From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted", "MIME-Version", "Content-Type",
                "Content-Transfer-Encoding",
            ])
        #expect(parsed.subject.hasPrefix("[shop] build-api failed: Zoë Bcc: x@example.org =?utf-8?q?x?="), "\(parsed.subject)")
        #expect(parsed.subject.hasSuffix(String(repeating: "ö", count: 200)))
        #expect(parsed.to == ["a@example.org", "b@example.org"] && parsed.defects == 0)
        #expect(parsed.date == "2025-11-27T12:33:04+00:00")
        #expect(parsed.body.contains("Zoë's") && parsed.body.contains("shipit retry 1ryh578ztb"))
        #expect(mail.bytes.split(separator: UInt8(ascii: "\n")).allSatisfy { $0.count <= 78 })
    }

    @Test func `what is too long for Slack or Teams is cut, and no half of an escape is left`() throws {
        var announcement = try #require(try Told.each().first { $0.name == "failed" }).announcement
        announcement.reason = String(repeating: "&", count: 10_000)
        announcement.news = .failed(Failure(code: "long", message: String(repeating: "<ö", count: 10_000)))
        let slack = String(decoding: SlackMessage(announcement).body, as: UTF8.self)
        #expect(slack.utf8.count < 12_000 && slack.contains(#/(ö|&lt;)…\\n```/#) && slack.contains("&amp;…"))
        #expect(TeamsMessage(announcement).body.count < 28 << 10)
    }
}
