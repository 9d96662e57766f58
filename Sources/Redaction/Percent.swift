/// Percent-encoding (RFC 3986 section 2.1) as programs really do it.
enum Percent {
    /// The marks that one encoder or another leaves as they are; letters and digits all of them do.
    private static let unescapedMarks = [
        "",  // only what no encoder would dare
        "-._~",  // RFC 3986: all that is not unreserved
        "-._*",  // HTML forms, Java
        "-_.!~*'()",  // encodeURIComponent
        "-._~!$&'()*+,;=",  // user and password of a URL
        "-._~!$&'()*+,;=:@/",  // a URL's path
        "-._~!$&'()*+,;=:@/?",  // a URL's query
        "-_.!~*'();/?:@&=+$,#",  // encodeURI
    ].map { Set($0.utf8) }

    /// Every encoder's output in both cases of hexadecimal digits, blanks as `%20` and as `+`, and with every byte escaped.
    static func forms(of value: [UInt8]) -> Set<[UInt8]> {
        var forms: Set<[UInt8]> = []
        for digits in [Digits.lower, Digits.upper] {
            forms.insert(encode(value, digits) { _ in false })
            for marks in unescapedMarks {
                let encoded = encode(value, digits) { isAlphanumeric($0) || marks.contains($0) }
                forms.insert(encoded)
                if value.contains(UInt8(ascii: " ")) {
                    forms.insert(encode(value, digits, blank: UInt8(ascii: "+")) { isAlphanumeric($0) || marks.contains($0) })
                }
            }
        }
        return forms
    }

    private static func encode(
        _ value: [UInt8], _ digits: [UInt8], blank: UInt8? = nil, leaving isLeft: (UInt8) -> Bool
    ) -> [UInt8] {
        value.flatMap { byte -> [UInt8] in
            if byte == UInt8(ascii: " "), let blank { return [blank] }
            return isLeft(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
