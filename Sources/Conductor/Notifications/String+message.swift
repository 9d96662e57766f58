/// What texts of others have to go through before they are part of a message.
extension String {
    /// At most `limit` characters of it, with a sign that something is missing.
    func shortened(to limit: Int) -> String { count <= limit ? self : prefix(limit - 1) + "…" }

    /// Without control characters, which mean something to a terminal; ends of lines stay.
    var withoutControls: String {
        String(filter { $0.isNewline || $0 == "\t" || !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } })
    }

    /// The same in one line, as a header or a warning has it.
    var onOneLine: String { String(withoutControls.map { $0.isNewline || $0 == "\t" ? " " : $0 }) }
}
