/// All the ways a secret may be written down in somebody's output.
///
/// Each is a list of byte strings that give the secret away; what a form writes beyond the secret itself is not part of them.
enum Forms {
    /// Every form of a value and, if it has several lines, of each line that is long enough to be told apart.
    static func all(of value: [UInt8]) -> Set<[UInt8]> {
        var forms = encodings(of: value)
        let lines = value.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        for line in lines.map(trimmed) where line.count >= Secret.minimumLength && line != value && !isArmour(line) {
            forms.formUnion(encodings(of: line))
        }
        return forms
    }

    private static func encodings(of value: [UInt8]) -> Set<[UInt8]> {
        var forms: Set<[UInt8]> = [value, hex(value, Digits.lower), hex(value, Digits.upper)]
        forms.formUnion(Base64.forms(of: value))
        forms.formUnion(Percent.forms(of: value))
        forms.formUnion(JSONText.forms(of: value))
        return forms
    }

    private static func hex(_ value: [UInt8], _ digits: [UInt8]) -> [UInt8] {
        value.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    /// Without the blanks around it: programs indent multi-line values as they like.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
        let blank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let start = line.drop(while: blank)
        return Array(start.prefix((start.lastIndex { !blank($0) } ?? start.startIndex - 1) - start.startIndex + 1))
    }

    /// The first and last line of a PEM block (RFC 7468), the same in everybody's keys and certificates.
    private static func isArmour(_ line: [UInt8]) -> Bool {
        line.starts(with: "-----BEGIN ".utf8) || line.starts(with: "-----END ".utf8)
    }
}

/// Hexadecimal digits in both cases.
enum Digits {
    static let lower = Array("0123456789abcdef".utf8)
    static let upper = Array("0123456789ABCDEF".utf8)
}
