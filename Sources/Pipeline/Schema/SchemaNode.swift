import CanonicalJSON

/// A piece of a JSON Schema; members stay in the order in which they are written, since people read it too.
indirect enum SchemaNode: Sendable {
    typealias Member = (key: String, value: SchemaNode)

    case text(String)
    case number(Int)
    case flag(Bool)
    case list([SchemaNode])
    case object([Member])

    static func texts(_ texts: [String]) -> SchemaNode { .list(texts.map { .text($0) }) }

    /// The object with further members at its end.
    func with(_ members: [Member]) -> SchemaNode {
        guard case .object(let own) = self else { return self }
        return .object(own + members)
    }

    /// The JSON with a line for each member, but short lists and objects of one scalar in one line.
    func text(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .text(let text): return Self.quoted(text)
        case .number(let number): return String(number)
        case .flag(let flag): return String(flag)
        case .list(let nodes) where nodes.allSatisfy(\.isScalar):
            return "[" + nodes.map { $0.text() }.joined(separator: ", ") + "]"
        case .list(let nodes):
            return "[\n" + nodes.map { inner + $0.text(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where members.allSatisfy(\.value.isScalar) && members.count < 2:
            return "{" + members.map { "\(Self.quoted($0.key)): \($0.value.text())" }.joined() + "}"
        case .object(let members):
            let lines = members.map { "\(inner)\(Self.quoted($0.key)): \($0.value.text(indent: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    private var isScalar: Bool {
        switch self {
        case .text, .number, .flag: true
        case .list, .object: false
        }
    }

    private static func quoted(_ text: String) -> String { String(decoding: Canonical.bytes(of: text), as: UTF8.self) }
}

extension SchemaNode: Encodable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .text(let text): try text.encode(to: encoder)
        case .number(let number): try number.encode(to: encoder)
        case .flag(let flag): try flag.encode(to: encoder)
        case .list(let nodes): try nodes.encode(to: encoder)
        case .object(let members):
            var container = encoder.container(keyedBy: Key.self)
            for member in members { try container.encode(member.value, forKey: Key(stringValue: member.key)) }
        }
    }
}
