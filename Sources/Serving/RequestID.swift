/// What tells one request from all others, in the logs of every service it passes.
public enum RequestID {
    /// What the caller sent in `X-Request-ID`, if it can safely be written anywhere; a new one otherwise.
    ///
    /// Safe are 1 to 64 letters, digits, `.`, `_` and `-`.
    public static func accepting(_ text: String?) -> String {
        guard let text, (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isSafe) else { return .randomHex(words: 1) }
        return text
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension String {
    /// Random digits, 16 for each word.
    static func randomHex(words: Int) -> String {
        unsafe String(unsafeUninitializedCapacity: words * 16) { buffer in
            for word in 0..<words {
                var bits = UInt64.random(in: .min ... .max)
                for place in word * 16..<word * 16 + 16 {
                    let digit = UInt8(truncatingIfNeeded: bits & 15)
                    unsafe buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                    bits >>= 4
                }
            }
            return words * 16
        }
    }
}
