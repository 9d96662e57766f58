import CanonicalJSON
import FoundationEssentials
import Randomness
import Testing

/// What Foundation's encoder writes with the same choices: our stored forms began with it.
private func foundation(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

private func ours(_ value: some Encodable) -> String { String(decoding: Canonical.bytes(of: value), as: UTF8.self) }

@Suite struct CanonicalTests {
    @Test(arguments: [
        Tree.object([:]), .array([]), .null, .bool(true), .bool(false), .text(""), .array([.object([:]), .array([])]),
        .object(["b": .integer(1), "a": .integer(2), "": .null, "aa": .null, "a b": .null, "a\"": .null, "a!": .null, "é": .null]
        ),
        .text(String(String.UnicodeScalarView((0..<0x180).compactMap(Unicode.Scalar.init)))),
        .text("/ \u{2028}\u{2029}\u{FEFF} 🛳 e\u{301}"), .integer(.min), .integer(.max), .number(0), .number(-0.0), .number(1),
        .number(1.5), .number(1e300), .number(.leastNonzeroMagnitude), .number(-1234567890123), .unsigned(.max),
    ]) func `writes what Foundation writes`(_ tree: Tree) throws {
        #expect(try ours(tree) == foundation(tree))
    }

    @Test(arguments: 0..<200) func `writes what Foundation writes, for any tree`(_ seed: UInt64) throws {
        var chance = SplitMix(seed: seed)
        let tree = Tree.any(depth: 5, from: &chance)
        let (one, other) = (ours(tree), try foundation(tree))
        #expect(one == other, "seed \(seed)")
    }

    @Test func `writes what Foundation writes, for every sort of property`() throws {
        #expect(try ours(Everything()) == foundation(Everything()))
        #expect(
            try ours([Choice.plain, .labelled(first: 1, second: nil), .bare("x")])
                == foundation([Choice.plain, .labelled(first: 1, second: nil), .bare("x")]))
    }

    @Test func `containers may be filled in turns`() throws {
        #expect(ours(Interleaved()) == #"{"a":[1,2],"b":{"x":1,"y":[]}}"#)
        #expect(try ours(Interleaved()) == foundation(Interleaved()))
    }

    @Test func `of two values under one key the last counts`() {
        #expect(ours(Doubled()) == #"{"a":2,"b":3}"#)
    }

    @Test func `what was rendered before is taken as it is`() throws {
        let rendered = ["later": Rendered(Everything()), "earlier": Rendered(Everything())]
        #expect(ours(rendered) == ours(["later": Everything(), "earlier": Everything()]))
        #expect(try foundation(rendered) == ours(rendered))
    }

    @Test func `what is written is read back`() throws {
        let bytes = Canonical.bytes(of: ["key": [1, 2, 3]])
        #expect(try Canonical.decode([String: [Int]].self, from: bytes) == ["key": [1, 2, 3]])
    }
}

/// Any JSON value.
enum Tree: Encodable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case number(Double)
    case text(String)
    case array([Tree])
    case object([String: Tree])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .unsigned(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }

    static func any(depth: Int, from chance: inout SplitMix) -> Tree {
        func word() -> String {
            let alphabet = Array("ab\"\\/\n\u{1}é🛳 ~!".unicodeScalars)
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...6, using: &chance) { text.append(alphabet.randomElement(using: &chance) ?? "a") }
            return String(text)
        }
        switch Int.random(in: 0...(depth == 0 ? 5 : 9), using: &chance) {
        case 0: return .null
        case 1: return .bool(.random(using: &chance))
        case 2: return .integer(.random(in: .min ... .max, using: &chance))
        case 3: return .unsigned(.random(in: .min ... .max, using: &chance))
        case 4: return .number(Double(bitPattern: .random(in: 0...0x7FE0_0000_0000_0000, using: &chance)))
        case 5: return .text(word())
        case 6, 7:
            return .array((0..<Int.random(in: 0...5, using: &chance)).map { _ in any(depth: depth - 1, from: &chance) })
        default:
            var members: [String: Tree] = [:]
            for _ in 0..<Int.random(in: 0...8, using: &chance) { members[word()] = any(depth: depth - 1, from: &chance) }
            return .object(members)
        }
    }
}

private struct Everything: Encodable {
    var a: Int8 = -1
    var b: UInt16 = 2
    var c: Float = 0.5
    var d: Int? = nil
    var e: String? = "there"
    var f: [String: [Int?]] = ["x": [1, nil]]
    var g: [Int: String] = [2: "two", 1: "one"]
    var h: Set<Int> = [1]
    var i = Choice.labelled(first: 0, second: "s")
    var j: [Choice?] = [nil, .plain]
    var k = Empty()
    var l = true
    var m: Word = .one
}

private struct Empty: Encodable {}

private enum Word: String, Encodable { case one }

private enum Choice: Encodable {
    case plain
    case labelled(first: Int, second: String?)
    case bare(String)
}

private struct Interleaved: Encodable {
    enum Key: String, CodingKey { case a, b, x, y }

    func encode(to encoder: any Encoder) throws {
        var top = encoder.container(keyedBy: Key.self)
        var object = top.nestedContainer(keyedBy: Key.self, forKey: .b)
        var array = top.nestedUnkeyedContainer(forKey: .a)
        _ = object.nestedUnkeyedContainer(forKey: .y)
        try array.encode(1)
        try object.encode(1, forKey: .x)
        try array.encode(2)
    }
}

private struct Doubled: Encodable {
    enum Key: String, CodingKey { case a, b }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(1, forKey: .a)
        try container.encode(3, forKey: .b)
        try container.encode(2, forKey: .a)
    }
}
