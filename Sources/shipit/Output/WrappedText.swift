/// Sentences in lines that a terminal shows whole, each but the first indented; as one line where no terminal is.
struct WrappedText {
    let text: String

    /// - Parameters:
    ///   - words: the sentences.
    ///   - indent: how many columns stand before each line.
    ///   - columns: how many a line has; nil for no end.
    init(_ words: String, indent: Int, columns: Int?) {
        // On a narrow terminal its own wrapping is no worse.
        guard let columns, columns - indent >= 30 else {
            text = words
            return
        }
        var lines = [""]
        for word in words.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if indent + Table.width(line) + 1 + Table.width(String(word)) <= columns {
                lines[lines.count - 1] = "\(line) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        text = lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }
}
