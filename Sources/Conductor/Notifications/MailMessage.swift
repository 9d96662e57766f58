import FoundationEssentials
import Pipeline

/// An announcement as a mail (RFC 5322), with the line ends of a file, as programs that send mail take it.
struct MailMessage {
    /// The whole message.
    let bytes: [UInt8]

    /// - Parameters:
    ///   - announcement: what is told.
    ///   - from: whose mail it is.
    ///   - to: to whom, at least one.
    init(_ announcement: Announcement, from: String, to: [String]) {
        let domain = from.split(separator: "@").last ?? "localhost"
        // Nobody answers it by itself (RFC 3834), and mails of one run stand together.
        let headers = [
            "From: \(from)", "To: \(to.joined(separator: ",\n "))",
            "Subject: \(Self.encoded("[\(announcement.project)] \(announcement.title)"))", "Date: \(announcement.mailDate)",
            "Message-ID: <\(announcement.id)@\(domain)>", "References: <\(announcement.run)@\(domain)>",
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
        ]
        let (encoding, body) = Self.transferred(Self.text(of: announcement))
        bytes = Array((headers + ["Content-Transfer-Encoding: \(encoding)", "", body]).joined(separator: "\n").utf8)
    }

    private static func text(of announcement: Announcement) -> String {
        let facts = announcement.facts
        let width = facts.map(\.label.count).max() ?? 0
        var parts = [
            announcement.title,
            facts.map { fact in
                fact.label + String(repeating: " ", count: width + 2 - fact.label.count) + fact.value
            }.joined(separator: "\n"),
        ]
        if let failure = announcement.failure {
            parts.append(failure.message)
            if let remedy = failure.remedy { parts.append("→ \(remedy)") }
        }
        if !announcement.next.isEmpty { parts.append(announcement.next.map { "  \($0)" }.joined(separator: "\n")) }
        if let link = announcement.link { parts.append(link) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// A text for a header: one line, and encoded words where it is more than plain ASCII (RFC 2047).
    private static func encoded(_ text: String) -> String {
        let line = text.onOneLine
        guard line.utf8.contains(where: { $0 >= 0x80 }) || line.contains("=?") || line.utf8.count > 900 else { return line }
        var words: [String] = []
        var piece = ""
        // A line has at most 76 characters, and no word half a character (section 2).
        for scalar in line.unicodeScalars {
            if piece.utf8.count + String(scalar).utf8.count > 36 {
                words.append(piece)
                piece = ""
            }
            piece.unicodeScalars.append(scalar)
        }
        words.append(piece)
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\n ")
    }

    /// A text as it travels: as it is where every server takes it so (RFC 2045, section 2.7), else in base64.
    private static func transferred(_ text: String) -> (encoding: String, body: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let isPlain = text.utf8.allSatisfy { $0 < 0x80 && ($0 >= 0x20 || $0 == 0x0A || $0 == 0x09) }
        if isPlain, lines.allSatisfy({ $0.utf8.count <= 998 }) { return ("7bit", text) }
        return ("base64", Data(text.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed]) + "\n")
    }
}
