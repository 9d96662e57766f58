import Pipeline

/// The commands of GitHub Actions that stand in a job's log, and how text of others is kept from being one.
///
/// https://docs.github.com/actions/reference/workflow-commands-for-github-actions; what is escaped how: `ActionCommand.cs` of
/// actions/runner.
enum WorkflowText {
    /// An annotation of an error.
    ///
    /// - Parameters:
    ///   - message: what happened.
    ///   - title: the same in a few words.
    ///   - place: the line it is about, in a file relative to the repository's root; nil where there is none.
    static func error(_ message: String, title: String, at place: SourceLocation?) -> String {
        var properties: [(String, String)] = []
        if let place { properties += [("file", place.file), ("line", "\(place.line)"), ("col", "\(place.column)")] }
        properties.append(("title", title))
        return "::error " + properties.map { "\($0)=\(property($1))" }.joined(separator: ",") + "::" + data(message)
    }

    /// Lines under a heading that is folded.
    static func group(_ heading: String, _ lines: [String], token: String) -> [String] {
        ["::group::\(data(heading))"] + stopped(lines, token: token) + ["::endgroup::"]
    }

    /// Lines in which the runner looks for no command.
    ///
    /// - Parameter token: ends that, so that nobody may guess it.
    static func stopped(_ lines: [String], token: String) -> [String] {
        ["::stop-commands::\(token)"] + lines + ["::\(token)::"]
    }

    /// Lines as they are, unless one could be taken for a command.
    static func guarded(_ lines: [String], token: @autoclosure () -> String) -> [String] {
        lines.contains(where: isSuspicious) ? stopped(lines, token: token()) : lines
    }

    /// A word that nobody can guess.
    static func token() -> String {
        var generator = SystemRandomNumberGenerator()
        return "shipit-" + (0..<2).map { _ in String(UInt64.random(in: .min ... .max, using: &generator), radix: 36) }.joined()
    }

    /// Whether the runner may take a line for a command: the newer form begins the line, the older one may stand anywhere in it.
    private static func isSuspicious(_ line: String) -> Bool {
        guard line.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "#") }) else { return false }
        return line.drop { $0.isWhitespace }.hasPrefix("::") || line.contains("##[")
            || line.unicodeScalars.contains { $0.value < 0x20 && $0 != "\t" && $0 != "\u{1B}" }
    }

    /// Escapes the text of a command.
    static func data(_ text: String) -> String {
        escape(text, ["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    /// Escapes the value of a property.
    static func property(_ text: String) -> String {
        escape(text, ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
    }

    /// Scalar by scalar: to Swift a carriage return and a line feed are one character.
    private static func escape(_ text: String, _ codes: [Unicode.Scalar: String]) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let code = codes[scalar] { escaped.append(contentsOf: code.unicodeScalars) } else { escaped.append(scalar) }
        }
        return String(escaped)
    }
}
