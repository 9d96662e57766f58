import CanonicalJSON
import Pipeline

/// An announcement as an Adaptive Card, in the form that Teams' workflows take from a webhook.
///
/// Texts are runs, in which Teams reads no Markdown: what others have written cannot become a link. See
/// <https://adaptivecards.io/explorer/TextRun.html>.
struct TeamsMessage {
    private struct Message: Encodable {
        var type = "message"
        var attachments: [Attachment]
    }

    private struct Attachment: Encodable {
        var contentType = "application/vnd.microsoft.card.adaptive"
        var content: Card
    }

    private struct Card: Encodable {
        enum CodingKeys: String, CodingKey {
            case schema = "$schema"
            case type, version, body, actions, msteams
        }

        struct Width: Encodable {
            var width = "Full"
        }

        var schema = "http://adaptivecards.io/schemas/adaptive-card.json"
        var type = "AdaptiveCard"
        var version = "1.4"
        var body: [Text]
        var actions: [Action]?
        var msteams = Width()
    }

    private struct Text: Encodable {
        var type = "RichTextBlock"
        var inlines: [Run]
        var spacing: String?
    }

    private struct Run: Encodable {
        var type = "TextRun"
        var text: String
        var weight: String?
        var size: String?
        var color: String?
        var fontType: String?
    }

    private struct Action: Encodable {
        var type = "Action.OpenUrl"
        var title: String
        var url: String
    }

    /// Of one text; a whole message may have 28 KB.
    private static let textLimit = 3000

    /// What is sent.
    let body: [UInt8]

    init(_ announcement: Announcement) {
        let title = "\(announcement.project): \(announcement.title)".shortened(to: Self.textLimit)
        var texts = [
            Text(inlines: [Run(text: title, weight: "Bolder", size: "Medium", color: announcement.occasion.color)])
        ]
        texts += announcement.facts.map { fact in
            Text(
                inlines: [
                    Run(text: "\(fact.label): ", weight: "Bolder"), Run(text: fact.value.shortened(to: Self.textLimit)),
                ],
                spacing: "Small")
        }
        if let failure = announcement.failure {
            texts += Self.literal(failure.message)
            if let remedy = failure.remedy {
                texts.append(Text(inlines: [Run(text: "→ \(remedy)".shortened(to: Self.textLimit))]))
            }
        }
        texts += Self.literal(announcement.next.joined(separator: "\n"))
        let actions = announcement.link.map { [Action(title: "Open the page", url: $0)] }
        body = Canonical.bytes(of: Message(attachments: [Attachment(content: Card(body: texts, actions: actions))]))
    }

    /// Lines of a terminal; a run has no line ends.
    private static func literal(_ text: String) -> [Text] {
        text.shortened(to: textLimit).split(whereSeparator: \.isNewline).enumerated().map { number, line in
            Text(inlines: [Run(text: String(line), fontType: "Monospace")], spacing: number == 0 ? nil : "None")
        }
    }
}

extension Recipient.Occasion {
    /// In which of a card's colours it is told.
    fileprivate var color: String {
        switch self {
        case .waiting: "Warning"
        case .failed, .rolledBack: "Attention"
        case .deployed: "Good"
        }
    }
}
