/// A YAML value to be written: every text is quoted where it must be, here and nowhere else.
indirect enum YAMLOutput {
    /// A text.
    case text(String)
    /// A number or truth value.
    case plain(String)
    /// A mapping over several lines.
    case fields([Field])
    /// A mapping on one line.
    case row([(String, YAMLOutput)])
    /// A list on one line.
    case list([YAMLOutput])
    /// A list with an item a line.
    case lines([YAMLOutput])

    /// A field of a mapping.
    struct Field {
        var key: String
        var value: YAMLOutput
        /// Lines above it, without `#`; an empty one is an empty line.
        var comment: [String]

        init(_ key: String, _ value: YAMLOutput, comment: [String] = []) {
            self.key = key
            self.value = value
            self.comment = comment
        }
    }

    /// The document with this value, which must be a mapping.
    static func document(_ fields: [Field], heading: [String]) -> String {
        (comments(heading, indent: "") + written(fields, indent: "")).map { $0 + "\n" }.joined()
    }

    private static func comments(_ lines: [String], indent: String) -> [String] {
        lines.map { $0.isEmpty ? "" : "\(indent)# \(oneLine($0))" }
    }

    private static func written(_ fields: [Field], indent: String) -> [String] {
        fields.flatMap { field in
            comments(field.comment, indent: indent) + field.value.lines(after: "\(indent)\(scalar(field.key)):", indent: indent)
        }
    }

    private func lines(after key: String, indent: String) -> [String] {
        switch self {
        case .fields(let fields) where !fields.isEmpty: [key] + Self.written(fields, indent: indent + "  ")
        case .lines(let items) where !items.isEmpty: [key] + items.map { "\(indent)  - \($0.inline)" }
        default: ["\(key) \(inline)"]
        }
    }

    /// The value on one line.
    private var inline: String {
        switch self {
        case .text(let text): Self.scalar(text)
        case .plain(let text): text
        case .fields(let fields): YAMLOutput.row(fields.map { ($0.key, $0.value) }).inline
        case .row(let pairs): "{" + pairs.map { "\(Self.scalar($0.0)): \($0.1.inline)" }.joined(separator: ", ") + "}"
        case .list(let items), .lines(let items): "[" + items.map(\.inline).joined(separator: ", ") + "]"
        }
    }

    /// The text plain where every reader of YAML 1.1 and 1.2 takes it for that text, else in double quotes.
    static func scalar(_ text: String) -> String {
        let isHarmless = text.utf8.allSatisfy { byte in
            isLetterOrDigit(byte) || [UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "-")].contains(byte)
        }
        // What begins with a letter and is no word of YAML is neither number, date nor truth value.
        guard isHarmless, let first = text.utf8.first, isLetterOrDigit(first), !("0"..."9").contains(text.prefix(1)),
            !reserved.contains(text.lowercased())
        else { return doubleQuoted(text) }
        return text
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static let reserved: Set = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]

    /// YAML 1.2.2, section 5.7: escaped characters.
    private static func doubleQuoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where isUnprintable(scalar): quoted += "\\U" + hex(scalar.value)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// What may not stand in a YAML text, or would end a line of it (section 5.1).
    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: false
        }
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isUnprintable($0) ? " " : $0 }))
    }
}
