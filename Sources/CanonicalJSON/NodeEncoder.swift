/// Encodes one value into its place in a document; the standard library's three containers over ``Document``.
struct NodeEncoder: Encoder {
    let document: Document
    let node: Tree.Node

    // A path would only be read for an error, and ours never fail.
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        document.becomeObject(node)
        return KeyedEncodingContainer(Members<Key>(document: document, node: node))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        document.becomeArray(node)
        return Elements(document: document, node: node)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension NodeEncoder: SingleValueEncodingContainer {
    func encodeNil() { document.write("null".utf8, at: node) }
    func encode(_ value: Bool) { document.write((value ? "true" : "false").utf8, at: node) }
    func encode(_ value: String) { document.write(string: value, at: node) }
    func encode(_ value: Float) throws { try encode(Double(value)) }

    /// JSON has no word for what is not finite, and a whole number is written without a point.
    func encode(_ value: Double) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(value, .init(codingPath: [], debugDescription: "JSON has no \(value)"))
        }
        let text = value.description
        document.write(text.hasSuffix(".0") ? text.dropLast(2).utf8 : text[...].utf8, at: node)
    }

    func encode(_ value: some FixedWidthInteger & Encodable) { document.write(value.description.utf8, at: node) }
    func encode(_ value: some Encodable) throws { try value.encode(to: self) }
}

/// The members of an object.
private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let document: Document
    let node: Tree.Node
    var codingPath: [any CodingKey] { [] }

    private func member(_ key: some CodingKey) -> NodeEncoder {
        NodeEncoder(document: document, node: document.insert(key.stringValue, into: node))
    }

    func encodeNil(forKey key: Key) { member(key).encodeNil() }
    func encode(_ value: Bool, forKey key: Key) { member(key).encode(value) }
    func encode(_ value: String, forKey key: Key) { member(key).encode(value) }
    func encode(_ value: some FixedWidthInteger & Encodable, forKey key: Key) { member(key).encode(value) }
    func encode(_ value: some Encodable, forKey key: Key) throws { try member(key).encode(value) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { member(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { NodeEncoder(document: document, node: document.insert("super", into: node)) }
    func superEncoder(forKey key: Key) -> any Encoder { member(key) }
}

/// The elements of an array.
private struct Elements: UnkeyedEncodingContainer {
    let document: Document
    let node: Tree.Node
    var codingPath: [any CodingKey] { [] }
    var count: Int { document.count(of: node) }

    private var element: NodeEncoder { NodeEncoder(document: document, node: document.append(to: node)) }

    func encodeNil() { element.encodeNil() }
    func encode(_ value: Bool) { element.encode(value) }
    func encode(_ value: String) { element.encode(value) }
    func encode(_ value: some FixedWidthInteger & Encodable) { element.encode(value) }
    func encode(_ value: some Encodable) throws { try element.encode(value) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        element.container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { element.unkeyedContainer() }
    func superEncoder() -> any Encoder { element }
}
