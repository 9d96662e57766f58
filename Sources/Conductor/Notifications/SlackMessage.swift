import CanonicalJSON
import Pipeline

/// An announcement as Slack shows it: see <https://docs.slack.dev/reference/block-kit>.
struct SlackMessage {
    private struct Message: Encodable {
        /// What a notification on a telephone shows.
        var text: String
        var blocks: [Block]
    }

    private struct Block: Encodable {
        var type: String
        var text: Text?
        var fields: [Text]?
        var elements: [Text]?
    }

    private struct Text: Encodable {
        var type: String
        var text: String
        /// Nothing of it becomes a link or a mention that was not written as one.
        var verbatim: Bool?

        static func plain(_ text: String) -> Text { Text(type: "plain_text", text: text) }
        static func marked(_ text: String) -> Text { Text(type: "mrkdwn", text: text, verbatim: true) }
    }

    /// What Slack takes at most of a header, a field and a text, less the room for what stands around ours.
    private static let (headerLimit, fieldLimit, textLimit) = (150, 1900, 2800)

    /// What is sent.
    let body: [UInt8]

    init(_ announcement: Announcement) {
        let title = "\(announcement.project): \(announcement.title)"
        var blocks = [
            Block(type: "header", text: .plain(title.shortened(to: Self.headerLimit))),
            Block(
                type: "section",
                fields: announcement.facts.map { fact in
                    .marked("*\(fact.label)*\n\(Self.escaped(fact.value, limit: Self.fieldLimit))")
                }),
        ]
        if let failure = announcement.failure {
            blocks.append(Block(type: "section", text: .marked(Self.literal(failure.message))))
            if let remedy = failure.remedy {
                blocks.append(Block(type: "section", text: .marked("→ " + Self.escaped(remedy, limit: Self.textLimit))))
            }
        }
        if !announcement.next.isEmpty {
            blocks.append(Block(type: "section", text: .marked(Self.literal(announcement.next.joined(separator: "\n")))))
        }
        if let link = announcement.link {
            blocks.append(Block(type: "context", elements: [.marked("<\(link)|Open the page>")]))
        }
        body = Canonical.bytes(of: Message(text: Self.escaped(title, limit: Self.textLimit), blocks: blocks))
    }

    /// The three characters that mean something in Slack's own markup: `<!channel>` would call everybody.
    private static func escaped(_ text: String, limit: Int) -> String {
        var (escaped, length) = ("", 0)
        for character in text {
            let piece =
                switch character {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                default: String(character)
                }
            length += piece.utf16.count
            guard length < limit else { return escaped + "…" }
            escaped += piece
        }
        return escaped
    }

    /// The text as it is, in a block that nothing in it can end.
    private static func literal(_ text: String) -> String {
        "```\n\(escaped(text.replacing("```", with: "'''"), limit: textLimit))\n```"
    }
}
