import Randomness
import Testing

@testable import Redaction

@Suite struct StreamTests {
    /// Masks by looking for every form at every place: the definition, in quadratic time.
    private func naive(_ text: [UInt8], _ values: [[UInt8]]) -> [UInt8] {
        var found: [Range<Int>] = []
        for form in Set(values.flatMap { Forms.all(of: $0) }) {
            for start in 0..<max(0, text.count - form.count + 1) where text[start..<(start + form.count)].elementsEqual(form) {
                found.append(start..<(start + form.count))
            }
        }
        var output: [UInt8] = []
        var cursor = 0
        for range in found.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound >= cursor || output.isEmpty && cursor == 0 {
                output += text[cursor..<range.lowerBound]
                output += Secret.mask.utf8
            }
            cursor = max(cursor, range.upperBound)
        }
        return output + text[cursor...]
    }

    @Test(arguments: 0..<60)
    func `any text in any pieces comes out as its definition says`(round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        // Few different bytes, so that secrets overlap, repeat and begin alike.
        let alphabet: [UInt8] =
            round % 3 == 0 ? Array("ab".utf8) : round % 3 == 1 ? Array("aA/+%\"\n ".utf8) : (0...255).map { UInt8($0) }
        let values = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            (0..<Int.random(in: 8...20, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
        }
        let redactor = Redactor(try values.map { try Secret($0, from: "a test") })
        var text: [UInt8] = []
        for _ in 0..<12 {
            let value = values.randomElement(using: &random) ?? []
            switch Int.random(in: 0...4, using: &random) {
            case 0: text += value
            case 1: text += Forms.all(of: value).sorted { $0.lexicographicallyPrecedes($1) }.randomElement(using: &random) ?? []
            case 2: text += value.prefix(Int.random(in: 0...value.count, using: &random))
            default:
                text += (0..<Int.random(in: 0...10, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            }
        }
        let whole = redactor.redact(text)
        #expect(whole == naive(text, values), "seed \(seed)")
        for value in values {
            for form in Forms.all(of: value) { #expect(!whole.contains(form), "seed \(seed)") }
        }
        for _ in 0..<5 {
            var stream = redactor.stream()
            var output: [UInt8] = []
            for piece in pieces(of: text, using: &random) { output += stream.push(piece) }
            output += stream.finish()
            #expect(output == whole, "seed \(seed)")
        }
    }

    @Test func `holds back only what may still become a secret`() throws {
        var stream = try redactor("correct-horse").stream()
        func push(_ text: String) -> String { String(decoding: stream.push(Array(text.utf8)), as: UTF8.self) }
        #expect(push("say: ") == "say: ")
        #expect(push("cor") == "")
        #expect(push("al ") == "coral ")
        #expect(push("corcorrect-") == "cor")
        #expect(push("horse") == "•••")
        #expect(push("!") == "!")
        #expect(push("correct-hors") == "")
        #expect(String(decoding: stream.finish(), as: UTF8.self) == "correct-hors")
    }

    @Test func `holds back exactly the longest end that begins a form`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let value = Array("abcabcab".utf8)
        let forms = Forms.all(of: value)
        var stream = Redactor([try Secret(value, from: "a test")]).stream()
        var text: [UInt8] = []
        var written: [UInt8] = []
        for _ in 0..<1500 {
            // Never the whole secret, so that positions in and out stay the same.
            var byte = Array("abcYWJj6%".utf8).randomElement(using: &random) ?? 0
            if forms.contains(where: { (text + [byte]).suffix($0.count).elementsEqual($0) }) { byte = UInt8(ascii: ".") }
            text.append(byte)
            written += stream.push([byte])
            let longest = forms.lazy.map(\.count).max() ?? 0
            let open = (max(0, text.count - longest)...text.count).first { start in
                forms.contains { $0.starts(with: text[start...]) }
            }
            #expect(written.count == open, "seed \(seed)")
        }
        #expect(text.starts(with: written), "seed \(seed)")
    }

    @Test func `a secret may be followed by another stream's text after the end`() throws {
        var stream = try redactor("correct-horse").stream()
        _ = stream.push(Array("correct-".utf8))
        _ = stream.finish()
        #expect(stream.push(Array("horse ".utf8)) == Array("horse ".utf8))
    }

    @Test func `without secrets everything passes at once`() {
        var stream = Redactor().stream()
        #expect(stream.push([1, 2, 3]) == [1, 2, 3])
        #expect(stream.finish() == [])
    }
}
