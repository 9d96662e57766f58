/// One challenge of a `WWW-Authenticate` header (RFC 9110, section 11.6.1), as in `Bearer realm="…",scope="…"`.
struct AuthChallenge: Equatable {
    /// Lower case: `bearer`, `basic`.
    let scheme: String
    /// By lower-case name.
    let parameters: [String: String]

    /// The challenges of a header.
    ///
    /// Takes quoted and bare values, white space anywhere, commas and escapes in quotes, and several challenges in one header;
    /// what cannot be read is skipped, since the part that is wanted may be fine.
    static func parse(_ header: String) -> [AuthChallenge] {
        var scanner = Scanner(rest: header[...])
        var found: [AuthChallenge] = []
        var scheme: String?
        var parameters: [String: String] = [:]
        func close() {
            if let scheme { found.append(AuthChallenge(scheme: scheme, parameters: parameters)) }
            parameters = [:]
        }
        while !scanner.isAtEnd {
            scanner.skip { $0 == "," || $0.isWhitespace }
            let word = scanner.word()
            guard !word.isEmpty else {
                scanner.skipOne()
                continue
            }
            scanner.skip { $0.isWhitespace }
            if scanner.take("=") {
                scanner.skip { $0.isWhitespace }
                parameters[word.lowercased()] = scanner.value()
            } else {
                // A word without a value begins the next challenge.
                close()
                scheme = word.lowercased()
            }
        }
        close()
        return found
    }

    private struct Scanner {
        var rest: Substring

        var isAtEnd: Bool { rest.isEmpty }

        mutating func skip(_ isSkipped: (Character) -> Bool) {
            rest = rest.drop(while: isSkipped)
        }

        mutating func skipOne() {
            rest = rest.dropFirst()
        }

        mutating func take(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            skipOne()
            return true
        }

        mutating func word() -> String {
            let word = rest.prefix { !$0.isWhitespace && $0 != "," && $0 != "=" && $0 != "\"" }
            rest = rest[word.endIndex...]
            return String(word)
        }

        /// A quoted string, or everything up to a comma or white space.
        mutating func value() -> String {
            guard take("\"") else {
                let bare = rest.prefix { !$0.isWhitespace && $0 != "," }
                rest = rest[bare.endIndex...]
                return String(bare)
            }
            var value = ""
            while let character = rest.first, character != "\"" {
                skipOne()
                if character == "\\", let escaped = rest.first {
                    value.append(escaped)
                    skipOne()
                } else {
                    value.append(character)
                }
            }
            skipOne()
            return value
        }
    }
}
