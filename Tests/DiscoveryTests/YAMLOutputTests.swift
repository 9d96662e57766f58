import Pipeline
import Randomness
import Testing

@testable import Discovery

/// What is written is read back as what it was.
@Suite struct YAMLOutputTests {
    @Test(arguments: [
        ("plain", "plain"), ("apps/api/Dockerfile", "apps/api/Dockerfile"), ("yes", "\"yes\""), ("NO", "\"NO\""),
        ("null", "\"null\""),
        ("~", "\"~\""), ("", "\"\""), ("3000", "\"3000\""), ("1e3", "\"1e3\""), ("0x1f", "\"0x1f\""),
        ("2026-01-01", "\"2026-01-01\""),
        ("-", "\"-\""), ("--flag", "\"--flag\""), (".", "\".\""), ("a b", "\"a b\""), ("a: b", "\"a: b\""), ("a #b", "\"a #b\""),
        ("${env:X}", "\"${env:X}\""), ("say \"hi\" \\", "\"say \\\"hi\\\" \\\\\""), ("two\nlines\t", "\"two\\nlines\\t\""),
        ("\u{7}\u{85}\u{2028}", "\"\\U00000007\\U00000085\\U00002028\""), ("été", "\"été\""),
    ])
    func `a text is quoted where a reader would take it for something else`(text: String, expected: String) {
        #expect(YAMLOutput.scalar(text) == expected)
    }

    @Test(arguments: 0..<300)
    func `every text comes back, as key and as value, in every form`(trial: Int) throws {
        var chance = Chance(trial: trial)
        let texts = (0..<4).map { number in "\(number)" + Self.text(&chance) } + [Self.text(&chance)]
        let written = YAMLOutput.document(
            [
                .init(texts[0], .text(texts[4]), comment: [texts[1]]), .init(texts[1], .row([(texts[2], .text(texts[3]))])),
                .init(texts[2], .list([.text(texts[4]), .text(texts[0])])),
                .init(texts[3], .lines([.row([(texts[1], .text(texts[4]))])])),
            ], heading: [texts[2], ""])
        let note = Comment(rawValue: Chance.note(trial) + "\n" + written)
        let root = try #require(YAMLDocument.value(of: written), note)
        #expect(root.fields.map(\.key) == Array(texts.prefix(4)), note)
        #expect(root[texts[0]]?.text == texts[4], note)
        #expect(root[texts[1]]?[texts[2]]?.text == texts[3], note)
        #expect(root[texts[2]]?.items.map(\.text) == [texts[4], texts[0]], note)
        #expect(root[texts[3]]?.items.first?[texts[1]]?.text == texts[4], note)
    }

    private static func text(_ chance: inout Chance) -> String {
        let pieces = [
            "a", "Z", "0", " ", ":", "#", "-", "\"", "'", "\\", "\n", "\r", "\t", "{", "}", "[", "]", ",", "&", "*", "!", "|",
            ">", "%", "@", "`", "?", "~", "é", "日", "🚢", "\u{0}", "\u{7F}", "\u{FEFF}", "\u{2029}", "$", "=", "<<", ".", "/",
        ]
        return (0..<Int.random(in: 0...6, using: &chance)).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &chance)] }
            .joined()
    }
}
