/// The inside of a JSON string (RFC 8259 section 7), which leaves its writer many choices.
enum JSONText {
    /// One writer's choices.
    private struct Style {
        /// `\/` instead of `/`.
        var escapesSlash: Bool
        /// `\n` and its kind instead of `\u000a`.
        var usesShortEscapes: Bool
        /// `\u0026` instead of `&`, likewise `<` and `>`: what Go does unless told otherwise.
        var escapesHTML: Bool
        /// `\u00e4` instead of `ä`.
        var escapesNonASCII: Bool
        /// `\u0061` instead of `a`: everything.
        var escapesAll = false
        var digits: [UInt8]
    }

    /// Every style's text.
    ///
    /// A value that is no UTF-8 is written byte by byte, as if each were a character of Latin-1, or unchanged.
    static func forms(of value: [UInt8]) -> Set<[UInt8]> {
        let units = String(validating: value, as: UTF8.self).map { Array($0.unicodeScalars) } ?? value.map { Unicode.Scalar($0) }
        let isText = String(validating: value, as: UTF8.self) != nil
        var forms: Set<[UInt8]> = []
        for digits in [Digits.lower, Digits.upper] {
            for choice in 0..<16 {
                let style = Style(
                    escapesSlash: choice & 1 != 0, usesShortEscapes: choice & 2 != 0, escapesHTML: choice & 4 != 0,
                    escapesNonASCII: choice & 8 != 0, digits: digits)
                forms.insert(units.flatMap { escape($0, style, isText: isText) })
            }
            let everything = Style(
                escapesSlash: true, usesShortEscapes: false, escapesHTML: true, escapesNonASCII: true, escapesAll: true,
                digits: digits)
            forms.insert(units.flatMap { escape($0, everything, isText: isText) })
        }
        return forms
    }

    private static func escape(_ scalar: Unicode.Scalar, _ style: Style, isText: Bool) -> [UInt8] {
        if style.escapesAll { return unicodeEscape(scalar, style.digits) }
        switch scalar {
        case "\"", "\\": return Array("\\".utf8) + Array(scalar.utf8)
        case "/" where style.escapesSlash: return Array("\\/".utf8)
        case "\n" where style.usesShortEscapes: return Array("\\n".utf8)
        case "\r" where style.usesShortEscapes: return Array("\\r".utf8)
        case "\t" where style.usesShortEscapes: return Array("\\t".utf8)
        case "\u{8}" where style.usesShortEscapes: return Array("\\b".utf8)
        case "\u{C}" where style.usesShortEscapes: return Array("\\f".utf8)
        case "\u{0}"..."\u{1F}": return unicodeEscape(scalar, style.digits)
        case "<" where style.escapesHTML, ">" where style.escapesHTML, "&" where style.escapesHTML:
            return unicodeEscape(scalar, style.digits)
        case "\u{80}"... where style.escapesNonASCII: return unicodeEscape(scalar, style.digits)
        case "\u{80}"... where !isText: return [UInt8(truncatingIfNeeded: scalar.value)]
        default: return Array(scalar.utf8)
        }
    }

    private static func unicodeEscape(_ scalar: Unicode.Scalar, _ digits: [UInt8]) -> [UInt8] {
        UTF16.encode(scalar).map(Array.init)?.flatMap { unit in
            Array("\\u".utf8) + [12, 8, 4, 0].map { digits[Int(unit >> UInt16($0) & 15)] }
        } ?? []
    }
}

extension Unicode.Scalar {
    fileprivate var utf8: [UInt8] { UTF8.encode(self).map(Array.init) ?? [] }
}
