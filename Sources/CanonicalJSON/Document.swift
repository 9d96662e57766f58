/// A JSON value that is being put together, and its canonical bytes.
///
/// Containers may be filled in any order and interleaved, so that the text of every scalar goes to one buffer and the tree over it to
/// another: no container has memory of its own.
final class Document {
    /// A place in the tree.
    typealias Node = Int

    private enum Kind {
        /// Nothing was encoded here yet; an object in the end, as Foundation has it.
        case undecided
        case scalar
        case array
        case object
    }

    private struct Entry {
        var kind = Kind.undecided
        /// The scalar as it is written, and the key under which the value stands as it is compared; both in ``text``.
        var value = 0..<0
        var key = 0..<0
        /// The children, in the order in which they came.
        var firstChild = -1
        var lastChild = -1
        var count = 0
        var next = -1
    }

    let root: Node = 0
    private var entries = [Entry()]
    private var text: [UInt8] = []

    /// How many children an array has.
    func count(of node: Node) -> Int { entries[node].count }

    func becomeArray(_ node: Node) { entries[node].kind = .array }

    func becomeObject(_ node: Node) { entries[node].kind = .object }

    /// The value at `node` is a word without need of escapes: a number, `true`, `null`.
    func write(_ word: String, at node: Node) {
        let start = text.count
        text.append(contentsOf: word.utf8)
        entries[node].kind = .scalar
        entries[node].value = start..<text.count
    }

    /// The value at `node` is a string.
    func write(string: String, at node: Node) {
        let start = text.count
        Self.quote(string.utf8, to: &text)
        entries[node].kind = .scalar
        entries[node].value = start..<text.count
    }

    /// A new value at the end of an array.
    func append(to node: Node) -> Node {
        attach(Entry(), to: node)
    }

    /// A new value in an object; a key that is there already gets a second value, and the last one counts.
    func insert(_ key: String, into node: Node) -> Node {
        let start = text.count
        text.append(contentsOf: key.utf8)
        var entry = Entry()
        entry.key = start..<text.count
        return attach(entry, to: node)
    }

    private func attach(_ entry: Entry, to parent: Node) -> Node {
        let node = entries.count
        entries.append(entry)
        let last = entries[parent].lastChild
        if last < 0 { entries[parent].firstChild = node } else { entries[last].next = node }
        entries[parent].lastChild = node
        entries[parent].count += 1
        return node
    }

    /// Writes a string with its quotes and escapes: the short ones of RFC 8259, section 7, and `\u00xx` for other controls.
    private static func quote(_ string: some Sequence<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in string {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case 0x08: output += #"\b"#.utf8
            case 0x09: output += #"\t"#.utf8
            case 0x0A: output += #"\n"#.utf8
            case 0x0C: output += #"\f"#.utf8
            case 0x0D: output += #"\r"#.utf8
            case ..<0x20: output += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// The canonical bytes of the whole.
    var bytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count * 5 / 4)
        emit(root, to: &output)
        return output
    }

    private func emit(_ node: Node, to output: inout [UInt8]) {
        switch entries[node].kind {
        case .scalar:
            output.append(contentsOf: text[entries[node].value])
        case .array:
            output.append(UInt8(ascii: "["))
            var child = entries[node].firstChild
            while child >= 0 {
                if child != entries[node].firstChild { output.append(UInt8(ascii: ",")) }
                emit(child, to: &output)
                child = entries[child].next
            }
            output.append(UInt8(ascii: "]"))
        case .object, .undecided:
            output.append(UInt8(ascii: "{"))
            for (place, child) in members(of: node).enumerated() {
                if place > 0 { output.append(UInt8(ascii: ",")) }
                Self.quote(text[entries[child].key], to: &output)
                output.append(UInt8(ascii: ":"))
                emit(child, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// The members of an object by the bytes of their keys, each key once.
    private func members(of node: Node) -> [Node] {
        var members: [Node] = []
        members.reserveCapacity(entries[node].count)
        var child = entries[node].firstChild
        while child >= 0 {
            members.append(child)
            child = entries[child].next
        }
        // Two values under one key stand in the order in which they came.
        members.sort { precedes($0, $1) || (!precedes($1, $0) && $0 < $1) }
        return members.indices.filter { $0 + 1 == members.count || precedes(members[$0], members[$0 + 1]) }.map { members[$0] }
    }

    private func precedes(_ one: Node, _ other: Node) -> Bool {
        text[entries[one].key].lexicographicallyPrecedes(text[entries[other].key])
    }
}
