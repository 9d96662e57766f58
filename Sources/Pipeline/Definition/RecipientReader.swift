extension Recipient {
    static let forms: [[KeyForm]] = [
        [
            .required(
                "webhook", .text(.webValue), "The address that signed JSON is sent to; what of it is secret by reference",
                example: "https://example.org/shipit"),
            .required(
                "key", .text(.secret), "A reference to the key that messages are signed with, as Standard Webhooks has it",
                example: "${env:WEBHOOK_KEY}"),
        ] + common,
        [
            .required(
                "slack", .text(.reference), "A reference to the address of an incoming webhook of Slack, which is a secret",
                example: "${env:SLACK_WEBHOOK}")
        ] + common,
        [
            .required(
                "teams", .text(.reference), "A reference to the address of a workflow of Teams, which is a secret",
                example: "${env:TEAMS_WEBHOOK}")
        ] + common,
        [
            .required(
                "command", .list(of: .text(.literal), isFilled: true),
                "A program that sends the mail which it reads from its standard input", example: "[sendmail, -t, -i]"),
            .required("from", .text(.mailbox), "Who the mail is from", example: "shipit@example.org"),
            .required(
                "to", .list(of: .text(.mailbox), isFilled: true), "Who the mail is to", example: "[oncall@example.org]"),
        ] + common,
    ]

    private static let common: [KeyForm] = [
        .optional(
            "on", .list(of: .choice(Occasion.self), isFilled: true), "What is told; without it all but 'deployed'",
            example: "[waiting, failed, rolled-back, deployed]"),
        .optional(
            "environments", .list(of: .text(.name), isFilled: true), "The environments it is told of; without it all",
            example: "[production]"),
    ]

    /// - Parameters:
    ///   - node: an entry of `notifications`.
    ///   - number: its place among them, from 1.
    ///   - known: the environments that are declared.
    static func read(
        _ node: YAMLNode, number: Int, environments known: Set<EnvironmentName>, reporting collector: DiagnosticCollector
    ) -> Recipient? {
        guard var fields = FieldReader(node, as: forms, subject: "notification \(number)", reporting: collector) else {
            return nil
        }
        let words = ["webhook", "slack", "teams", "command"]
        let channels = words.filter { fields.has($0) }
        defer { fields.finish() }
        // One of them is read below; of none or several all count as known.
        if channels.count != 1 { for word in words { _ = fields.node(word) } }
        if channels.count > 1 {
            collector.report(
                .badValue, at: fields.place(of: channels[1]),
                "\(fields.subject) is sent by \(channels.joined(separator: " and by "))", remedy: "write an entry for each")
            return nil
        }
        let occasions = readOccasions(&fields)
        let environments = readEnvironments(&fields, known)
        let channel: Channel?
        switch channels.first {
        case "webhook": channel = readWebhook(&fields)
        case "slack": channel = readSecretAddress("slack", &fields).map { .slack(url: $0) }
        case "teams": channel = readSecretAddress("teams", &fields).map { .teams(url: $0) }
        case "command": channel = readMail(&fields)
        default:
            collector.report(
                .missingKey, at: fields.location, "\(fields.subject) does not say how it is sent",
                remedy: "add 'webhook', 'slack', 'teams' or 'command': see docs/notifications.md")
            return nil
        }
        return channel.map { Recipient(channel: $0, occasions: occasions, environments: environments) }
    }

    private static func readOccasions(_ fields: inout FieldReader) -> [Occasion] {
        guard fields.has("on") else {
            _ = fields.node("on")
            return [.waiting, .failed, .rolledBack]
        }
        let texts = filled("on", &fields)
        var occasions: [Occasion] = []
        for text in texts {
            guard let occasion = Occasion(rawValue: text.value) else {
                fields.collector.report(
                    .badValue, at: text.location, "'\(text.value)' is nothing that is told", offending: text.value,
                    remedy: suggestion(for: text.value, among: Occasion.allCases.map(\.rawValue), none: ""))
                continue
            }
            if !occasions.contains(occasion) { occasions.append(occasion) }
        }
        return occasions
    }

    private static func readEnvironments(_ fields: inout FieldReader, _ known: Set<EnvironmentName>) -> [EnvironmentName]? {
        guard fields.has("environments") else {
            _ = fields.node("environments")
            return nil
        }
        let texts = filled("environments", &fields)
        return texts.compactMap { text in
            if let name = EnvironmentName(text.value), known.contains(name) { return name }
            if !fields.collector.isUnreadable("environment", text.value) {
                fields.collector.report(
                    .unknownName, at: text.location, "there is no environment '\(text.value)'", offending: text.value,
                    remedy: suggestion(
                        for: text.value, among: known.map(\.text), none: "declare it under 'environments' in project.yml"))
            }
            return nil
        }
    }

    private static func readWebhook(_ fields: inout FieldReader) -> Channel? {
        let url = fields.value("webhook")
        if let url { check(webhook: url, fields) }
        if !fields.has("key") { fields.reportMissing("key") }
        let key = fields.value("key")
        if let key, key.references.isEmpty {
            // Not repeated: it is the secret itself.
            fields.collector.report(
                .badValue, at: fields.place(of: "key"), "the key that messages are signed with stands in the file",
                remedy: "write ${env:WEBHOOK_KEY} and make another key")
        }
        guard let url, let key else { return nil }
        return .webhook(url: url, key: key)
    }

    /// Refuses what is no address, and what would be a secret in the file.
    private static func check(webhook url: ConfigValue, _ fields: FieldReader) {
        guard case .text(let text)? = url.parts.first else { return }
        let place = fields.place(of: "webhook")
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
            fields.collector.report(
                .badValue, at: place, "the webhook of \(fields.subject) is not an HTTP address",
                remedy: "begin with https:// or http://, or write a reference")
            return
        }
        let authority = text.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
        if authority.contains("@") {
            fields.collector.report(
                .badValue, at: place, "a user's name or password stands in the webhook's address",
                remedy: "write ${env:NAME} for the whole address and change the password")
        }
        let host = authority.lowercased()
        // Each of these takes messages from whoever knows the address.
        let services = [("hooks.slack.com", "slack"), ("webhook.office.com", "teams"), ("logic.azure.com", "teams")]
        for (suffix, key) in services + [("api.powerplatform.com", "teams")]
        where host.prefix(while: { $0 != ":" }).hasSuffix(suffix) {
            fields.collector.report(
                .badValue, at: place, "the address of a webhook of \(suffix) stands in the file, and is a secret",
                remedy: "write '\(key): ${env:\(key.uppercased())_WEBHOOK}', and have the address made anew")
        }
    }

    /// An address that lets whoever has it post: by reference as a whole.
    private static func readSecretAddress(_ key: String, _ fields: inout FieldReader) -> ConfigValue? {
        guard let url = fields.value(key) else { return nil }
        guard url.parts.allSatisfy({ if case .reference = $0 { true } else { false } }) else {
            // Not repeated: it is the secret itself.
            fields.collector.report(
                .badValue, at: fields.place(of: key), "the address of \(fields.subject) stands in the file, and is a secret",
                remedy: "write ${env:\(key.uppercased())_WEBHOOK}, and have the address made anew")
            return nil
        }
        return url
    }

    private static func readMail(_ fields: inout FieldReader) -> Channel? {
        let words = filled("command", &fields)
        for word in words where word.value.contains("${") {
            fields.collector.report(
                .badValue, at: word.location, "the command of \(fields.subject) holds a reference", offending: word.value,
                remedy: "everybody on the machine can read arguments: have the program read its password from a file")
        }
        let from = fields.requiredText("from").flatMap { mailbox($0, fields) }
        if !fields.has("to") { fields.reportMissing("to") }
        let to = filled("to", &fields).compactMap { mailbox($0, fields) }
        guard let from, !to.isEmpty, !words.isEmpty else { return nil }
        return .mail(command: words.map(\.value), from: from, to: to)
    }

    /// An address as RFC 5321 has it in its plainest form, so that nothing of it means anything else in a header.
    private static func mailbox(_ text: Located<String>, _ fields: FieldReader) -> String? {
        let parts = text.value.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain =
            parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && parts[0].utf8.allSatisfy(isAtomByte)
            && parts[1].utf8.allSatisfy { $0 < 0x80 && isAtomByte($0) && !"!#$%&'*+/=?^_`{|}~".utf8.contains($0) }
        guard isPlain else {
            fields.collector.report(
                .badValue, at: text.location, "'\(text.value)' is not a mail address", offending: text.value,
                remedy: "write it as name@example.org, without a person's name")
            return nil
        }
        return text.value
    }

    private static func isAtomByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: ".!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }

    /// The texts of a list that must not be empty where it stands.
    private static func filled(_ key: String, _ fields: inout FieldReader) -> [Located<String>] {
        let reported = fields.collector.diagnostics.count
        let texts = fields.texts(key)
        if texts.isEmpty, fields.has(key), fields.collector.diagnostics.count == reported {
            fields.collector.report(
                .badValue, at: fields.place(of: key), "'\(key)' of \(fields.subject) is empty",
                remedy: "name at least one")
        }
        return texts
    }
}
