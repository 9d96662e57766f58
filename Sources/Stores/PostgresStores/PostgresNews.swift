import Journal

/// What those who listen are told of an append: the names of the journals that grew, so that nobody else looks.
enum PostgresNews {
    /// The channel of all ledgers; each database has channels of its own.
    static let channel = "shipit"

    /// More than this many bytes are no notification: https://www.postgresql.org/docs/current/sql-notify.html, payload.
    private static let longest = 7999

    /// The names, with a space between them; empty when there are too many to be told, which means that any may have grown.
    static func text(of journals: [JournalName]) -> String {
        let text = journals.map(\.description).joined(separator: " ")
        return text.utf8.count <= longest ? text : ""
    }

    /// The journals; nil when any may have grown: there were too many, or whoever wrote is of a version that says it in another way.
    static func journals(in text: String) -> [JournalName]? {
        let names = text.split(separator: " ", omittingEmptySubsequences: false)
        let journals = names.compactMap { JournalName(String($0)) }
        return journals.count == names.count ? journals : nil
    }
}
