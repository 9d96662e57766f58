/// What tells one request from all others, in the logs of every service it passes.
public enum RequestID {
    /// What the caller sent in `X-Request-ID`, if it can safely be written anywhere; a new one otherwise.
    ///
    /// Safe are 1 to 64 letters, digits, `.`, `_` and `-`.
    public static func accepting(_ text: String?) -> String {
        guard let text, (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isSafe) else { return random() }
        return text
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func random() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
