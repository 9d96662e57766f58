import Foundation
import Randomness
import Redaction
import Testing

@Suite struct FormsTests {
    /// A secret with something for every encoder to escape.
    private static let secret = "pä/ss w+rd<&>\"\\\u{1}~'=?!*"

    private static func each(_ units: some Sequence<some FixedWidthInteger & CVarArg>, as format: String) -> String {
        units.map { String(format: format, $0) }.joined()
    }

    private static let written: [(name: String, form: String)] = [
        ("as it is", secret),
        ("hex, lower", each(secret.utf8, as: "%02x")),
        ("hex, upper", each(secret.utf8, as: "%02X")),
        ("percent, unreserved left", "p%C3%A4%2Fss%20w%2Brd%3C%26%3E%22%5C%01~%27%3D%3F%21%2A"),
        ("percent, lower", "p%c3%a4%2fss%20w%2brd%3c%26%3e%22%5c%01~%27%3d%3f%21%2a"),
        ("percent, encodeURIComponent", "p%C3%A4%2Fss%20w%2Brd%3C%26%3E%22%5C%01~'%3D%3F!*"),
        ("percent, a form", "p%C3%A4%2Fss+w%2Brd%3C%26%3E%22%5C%01%7E%27%3D%3F%21*"),
        ("percent, all bytes", each(secret.utf8, as: "%%%02X")),
        ("JSON", #"pä/ss w+rd<&>\"\\\u0001~'=?!*"#),
        ("JSON, slash escaped", #"pä\/ss w+rd<&>\"\\\u0001~'=?!*"#),
        ("JSON as Go writes it", #"pä/ss w+rd\u003c\u0026\u003e\"\\\u0001~'=?!*"#),
        ("JSON, ASCII only", #"p\u00e4/ss w+rd<&>\"\\\u0001~'=?!*"#),
        ("JSON, ASCII only, upper", #"p\u00E4\/ss w+rd<&>\"\\\u0001~'=?!*"#),
        ("JSON, every character", each(secret.utf16, as: "\\u%04x")),
    ]

    @Test(arguments: written)
    func `masks a secret written`(name: String, form: String) throws {
        #expect(try redactor(Self.secret).redact("before \(form) after") == "before ••• after", "\(name)")
    }

    @Test func `masks what the real encoders make of it`() throws {
        let redactor = try redactor(Self.secret)
        struct Wrapped: Codable { let value: String }
        let slash = JSONEncoder()
        let plain = JSONEncoder()
        plain.outputFormatting = .withoutEscapingSlashes
        for encoder in [slash, plain] {
            let text = String(decoding: try encoder.encode(Wrapped(value: Self.secret)), as: UTF8.self)
            #expect(redactor.redact(text) == #"{"value":"•••"}"#)
        }
        for allowed in [CharacterSet.alphanumerics, .urlPasswordAllowed, .urlPathAllowed, .urlQueryAllowed, .urlHostAllowed] {
            // Foundation's alphanumerics include non-ASCII letters, but are percent-encoded all the same.
            let text = try #require(Self.secret.addingPercentEncoding(withAllowedCharacters: allowed))
            #expect(redactor.redact("<\(text)>") == "<•••>")
        }
    }

    @Test(arguments: [8, 9, 10, 11, 31, 32, 33])
    func `masks a secret inside base64 at every alignment`(length: Int) throws {
        var random = SplitMix(seed: UInt64(length))
        let value = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let redactor = Redactor([try Secret(value, from: "a test")])
        for before in 0...5 {
            for after in 0...4 {
                let around = (0..<(before + after)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
                let text = Data(around.prefix(before) + value + around.suffix(after)).base64EncodedString()
                let url = text.replacing("+", with: "-").replacing("/", with: "_")
                for encoded in [text, url, text.replacing("=", with: ""), url.replacing("=", with: "")] {
                    let masked = redactor.redact("[\(encoded)]")
                    #expect(masked.contains("•••"))
                    // What is left are the neighbours' own digits and the two digits that the secret shares with them.
                    let left = masked.utf8.count - "[]•••".utf8.count
                    #expect(left <= (before * 8 + 5) / 6 + (after * 8 + 5) / 6 + 4, "\(before) \(after): \(masked)")
                    if before == 0 && after == 0 { #expect(masked == "[•••]") }
                }
            }
        }
    }

    @Test func `masks the lines of a key one by one, but not its armour nor short lines`() throws {
        let key = "-----BEGIN KEY-----\n  Zm9vYmFyYmF6\r\nc3VwZXJzZWNyZXQ=\nshort\n-----END KEY-----\n"
        let redactor = try redactor(key)
        #expect(redactor.redact(key) == "•••")
        #expect(redactor.redact("| c3VwZXJzZWNyZXQ= | Zm9vYmFyYmF6") == "| ••• | •••")
        #expect(redactor.redact("short -----BEGIN KEY-----") == "short -----BEGIN KEY-----")
        #expect(try self.redactor("a-token-in-a-file\n").redact("token=a-token-in-a-file.") == "token=•••.")
    }

    private func redactor(_ value: String) throws -> Redactor { try Redactor([Secret(value, from: "a test")]) }

    @Test func `overlapping occurrences become one mask, neighbours keep their own`() throws {
        let redactor = Redactor([try Secret("abcdefgh", from: "one"), try Secret("efghijkl", from: "two")])
        #expect(redactor.redact("1abcdefghijkl2") == "1•••2")
        #expect(redactor.redact("abcdefgh-efghijkl") == "•••-•••")
        #expect(redactor.redact("abcdefghabcdefgh") == "••••••")
    }

    @Test func `leaves alone what is no secret`() throws {
        let redactor = try redactor("correct-horse")
        for text in ["", "correct", "correct-hors", "orrect-horse", "Correct-horse", "ä•🙂"] {
            #expect(redactor.redact(text) == text)
        }
        #expect(Redactor([]).redact("anything at all") == "anything at all")
    }

    @Test func `learns more secrets without forgetting`() throws {
        let first = try redactor("first-secret")
        let both = first.adding([try Secret("second-secret", from: "a test")])
        #expect(both.redact("first-secret second-secret") == "••• •••")
        #expect(first.redact("first-secret second-secret") == "••• second-secret")
    }
}
