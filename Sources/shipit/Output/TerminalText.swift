/// Text of others made fit for a terminal: nothing in it moves the cursor, and its width is known.
enum TerminalText {
    /// The text on one line: control characters and escape sequences are left out, colours are kept where `hasColour` says so.
    static func safe(_ text: some StringProtocol, hasColour: Bool) -> String {
        // Most lines are plain, and need not be taken apart.
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return String(text) }
        var safe = String.UnicodeScalarView()
        var hasPaint = false
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            if scalar == "\u{1B}" || scalar == "\u{9B}" {
                guard let colour = sequence(after: scalar, in: &rest), hasColour else { continue }
                hasPaint = colour != "\u{1B}[0m" && colour != "\u{1B}[m"
                safe.append(contentsOf: colour.unicodeScalars)
            } else if scalar == "\t" {
                safe.append(contentsOf: "    ".unicodeScalars)
            } else if !isForbidden(scalar) {
                safe.append(scalar)
            }
        }
        if hasPaint { safe.append(contentsOf: "\u{1B}[0m".unicodeScalars) }
        return String(safe)
    }

    /// Controls, what turns the direction of writing for all that follows, and what ends a line.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Takes an escape sequence off `rest`; answers it when it only changes colours.
    ///
    /// ECMA-48, 5.4 and 5.6: a control sequence ends with a character of `@` to `~`; a control string with BEL or `ESC \`.
    private static func sequence(after first: Unicode.Scalar, in rest: inout Substring.UnicodeScalarView) -> String? {
        var kind = first == "\u{9B}" ? "[" : rest.popFirst()
        // Of a character set's designation the third character is part.
        while let found = kind, (0x20..<0x30).contains(found.value) { kind = rest.popFirst() }
        switch kind {
        case "[":
            var parameters = ""
            while let scalar = rest.first, (0x20..<0x40).contains(scalar.value) {
                parameters.unicodeScalars.append(scalar)
                rest.removeFirst()
            }
            guard let end = rest.first, (0x40..<0x7F).contains(end.value) else { return nil }
            rest.removeFirst()
            let isColour = end == "m" && parameters.utf8.allSatisfy { (0x30...0x3B).contains($0) } && parameters.utf8.count < 40
            return isColour ? "\u{1B}[\(parameters)m" : nil
        case "]", "P", "X", "^", "_":
            while let scalar = rest.popFirst(), scalar != "\u{7}", scalar != "\u{9C}" {
                guard scalar == "\u{1B}" else { continue }
                if rest.first == "\\" { rest.removeFirst() }
                break
            }
            return nil
        default: return nil
        }
    }

    /// The columns that the text takes; colours take none.
    static func width(_ text: some StringProtocol) -> Int {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.utf8.count }
        var width = 0
        forEachScalar(of: text) {
            width += $0; return true
        }
        return width
    }

    /// The text in at most `width` columns, with `…` where something is missing; colours are ended.
    static func cut(_ text: String, to width: Int) -> String {
        guard self.width(text) > width else { return text }
        guard width > 0 else { return "" }
        var taken = 0
        var end = text.unicodeScalars.startIndex
        forEachScalar(of: text) { columns, next in
            guard taken + columns < width else { return false }
            taken += columns
            end = next
            return true
        }
        return text.unicodeScalars[..<end].contains("\u{1B}")
            ? String(text.unicodeScalars[..<end]) + "…\u{1B}[0m" : String(text.unicodeScalars[..<end]) + "…"
    }

    /// The text with spaces up to `width` columns, cut when it is longer.
    static func pad(_ text: String, to width: Int) -> String {
        let cut = cut(text, to: width)
        return cut + String(repeating: " ", count: max(0, width - self.width(cut)))
    }

    private static func forEachScalar(of text: some StringProtocol, _ body: (_ columns: Int) -> Bool) {
        forEachScalar(of: text) { columns, _ in body(columns) }
    }

    /// Calls `body` with the columns of each scalar and the index after it, a whole colour sequence being one of none, until it answers
    /// false.
    private static func forEachScalar(
        of text: some StringProtocol, _ body: (_ columns: Int, _ next: String.Index) -> Bool
    ) {
        let scalars = text.unicodeScalars
        var index = scalars.startIndex
        while index < scalars.endIndex {
            let scalar = scalars[index]
            var next = scalars.index(after: index)
            var columns = scalar.columns
            if scalar == "\u{1B}" {
                columns = 0
                while next < scalars.endIndex, scalars[next] != "m" { next = scalars.index(after: next) }
                if next < scalars.endIndex { next = scalars.index(after: next) }
            }
            guard body(columns, next) else { return }
            index = next
        }
    }
}

extension Unicode.Scalar {
    /// The columns it takes on a terminal: rather one too many, where terminals differ, than one too few.
    ///
    /// Unicode Standard Annex #11, "East Asian Width": W and F take two.
    fileprivate var columns: Int {
        switch value {
        case 0..<0x300: 1
        // The selector that turns the sign before it into an emoji, which is wide.
        case 0xFE0F: 1
        case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
            0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            2
        default:
            switch properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: 0
            default: properties.isEmojiPresentation ? 2 : 1
            }
        }
    }
}
