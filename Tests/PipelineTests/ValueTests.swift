import CanonicalJSON
import Testing

@testable import Pipeline

@Suite struct ValueTests {
    @Test(
        arguments: [
            ([], nil, ""), (["a"], nil, "a"), (["a", "b", "c"], nil, "a, b, c"),
            (["a", "b", "c", "d"], nil, "a, b, c and 1 more"),
            // Of those that are counted not all may be here.
            (["a", "b"], 60, "a, b and 58 more"), (["a", "b", "c", "d"], 60, "a, b, c and 57 more"),
        ] as [([String], Int?, String)])
    func `of many names the first are said, and how many more there are`(names: [String], total: Int?, text: String) {
        #expect(names.named(atMost: 3, of: total) == text)
    }

    @Test(
        arguments: [
            ("500ms", 500), ("30s", 30_000), ("10m", 600_000), ("1h", 3_600_000), ("1m30s", 90_000), ("2d", 172_800_000),
            ("1d1h1m1s1ms", 90_061_001), ("90s", 90_000), ("366d", 31_622_400_000), ("0h5s", 5000),
        ] as [(String, Int64)])
    func `reads durations`(text: String, milliseconds: Int64) {
        #expect(TimeSpan(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "5", "s", "5 s", "5 minutes", "-5s", "+5s", "1.5h", "30s1m", "1s1s", "5S", "0s", "0h0m", "367d", "99999999999s",
        "5s ", "٣s", "1m30",
    ])
    func `refuses what is no duration`(text: String) {
        #expect(TimeSpan(text) == nil)
    }

    @Test(arguments: ["500ms", "30s", "1m30s", "1h", "1d2h3m4s5ms", "366d"])
    func `writes a duration as it is read`(text: String) {
        #expect(TimeSpan(text)?.description == text)
    }

    @Test(arguments: ["a", "0", "api", "build-api", "a.b_c-d", String(repeating: "a", count: 63)])
    func `takes names`(text: String) {
        #expect(StageName(text)?.text == text)
    }

    @Test(arguments: ["", "-a", ".a", "_a", "API", "a b", "a/b", "a:b", "ä", "a\n", String(repeating: "a", count: 64)])
    func `refuses what is no name`(text: String) throws {
        #expect(StageName(text) == nil)
        #expect(throws: DecodingError.self) { try Canonical.decode([StageName].self, from: Canonical.bytes(of: [text])) }
    }

    @Test func `writes dictionaries by name as objects`() throws {
        let sums: [StageName: Int] = [Samples.name("b"): 2, Samples.name("a"): 1]
        #expect(String(decoding: Canonical.bytes(of: sums), as: UTF8.self) == #"{"a":1,"b":2}"#)
        #expect(try Canonical.decode([StageName: Int].self, from: Canonical.bytes(of: sums)) == sums)
    }

    @Test(
        arguments: [
            ("", [.text("")]),
            ("plain", [.text("plain")]),
            ("5$", [.text("5$")]), ("$5 a$b", [.text("$5 a$b")]), ("$$", [.text("$")]), ("$${env:A}", [.text("${env:A}")]),
            ("$$$${env:A}", [.text("$${env:A}")]), ("$$${env:A}", [.text("$"), .reference(.environment("A"))]),
            ("${env:A_1}", [.reference(.environment("A_1"))]),
            (
                "a${env:A}b${file:x/y}c",
                [.text("a"), .reference(.environment("A")), .text("b"), .reference(.file("x/y")), .text("c")]
            ),
            ("${env:A}${env:B}", [.reference(.environment("A")), .reference(.environment("B"))]),
            ("${command:vault read -field=x secret/y}", [.reference(.command(["vault", "read", "-field=x", "secret/y"]))]),
        ] as [(String, [ConfigValue.Part])])
    func `reads values and writes them so that they read the same`(text: String, parts: [ConfigValue.Part]) throws {
        let value = try ConfigValue(text)
        #expect(value.parts == parts)
        #expect(try ConfigValue(value.description) == value)
        #expect(try Canonical.decode([ConfigValue].self, from: Canonical.bytes(of: [value])) == [value])
    }

    @Test(arguments: [
        "${", "a${env:A", "${}", "${A}", "${env:}", "${env:A-B}", "${env:A B}", "${file:}", "${command:}", "${command: }",
        "${vault:x}",
    ])
    func `refuses malformed references without repeating them`(text: String) {
        let error = #expect(throws: ConfigValue.Malformed.self) { try ConfigValue("hunter2\(text)") }
        #expect(error?.message.contains("hunter2") == false)
    }

    @Test(
        arguments: [
            ("stagin", "staging"), ("prodcution", "production"), ("bild", "build"), ("needss", "needs"), ("a", "b"), ("xyz", nil),
            ("", nil),
            ("completely-other", nil), ("BUILD", nil),
        ] as [(String, String?)])
    func `suggests the nearest name, and none when none is near`(word: String, expected: String?) {
        let candidates = word == "a" ? ["b"] : ["staging", "production", "build", "needs"]
        #expect(nearest(to: word, among: candidates) == expected)
    }

    @Test func `suggests the same name whatever the order of the candidates`() {
        #expect(nearest(to: "verify-x", among: ["verify-b", "verify-a"]) == "verify-a")
        #expect(nearest(to: "verify-x", among: ["verify-a", "verify-b"]) == "verify-a")
    }

    @Test(
        arguments: [
            (1, 0, 2000), (2, 0, 4000), (3, 0, 8000), (9, 0, 300_000), (60, 0, 300_000), (1, 1000, 1000), (1, 500, 1500),
            (1, 5000, 1000), (0, -1, 2000),
        ] as [(Int, Int, Int64)])
    func `pauses longer after each attempt, up to five minutes, less up to half`(attempt: Int, jitter: Int, milliseconds: Int64) {
        let policy = StagePolicy(timeout: .minutes(1), retries: 9, backoff: .seconds(2))
        #expect(policy.pause(after: attempt, jitter: jitter).milliseconds == milliseconds)
    }
}
