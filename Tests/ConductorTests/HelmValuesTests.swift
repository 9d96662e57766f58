import CanonicalJSON
import Foundation
import Testing

@testable import Conductor

/// The file of values that helm is given.
@Suite struct HelmValuesTests {
    private static func json(_ values: JSONValue) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(values), as: UTF8.self)
    }

    @Test(arguments: [
        ("3", "3"), ("-1", "-1"), ("true", "true"), ("false", "false"), ("03", #""03""#), ("1e3", #""1e3""#),
        ("True", #""True""#),
        ("", #""""#), ("9223372036854775808", #""9223372036854775808""#), (#"a "quote""#, #""a \"quote\"""#),
    ])
    func `a text is what it looks like`(text: String, expected: String) throws {
        #expect(try Self.json(JSONValue(plain: text)) == expected)
    }

    @Test func `names with dots make fields in fields, in any order`() throws {
        var values = JSONValue.object([:])
        for (name, text) in [("a.b.c", "1"), ("a.b.d", "x"), ("e", "true"), ("a.f", "y")] {
            values.set(JSONValue(plain: text), at: name.split(separator: "."))
        }
        #expect(try Self.json(values) == #"{"a":{"b":{"c":1,"d":"x"},"f":"y"},"e":true}"#)
        values.set(.text("over"), at: "a.b".split(separator: "."))
        #expect(try Self.json(values) == #"{"a":{"b":"over","f":"y"},"e":true}"#)
    }
}
