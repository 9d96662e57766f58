/// A JSON value that is being put together; what the encoders share.
final class Document {
    private var tree = Tree()
    let root: Tree.Node = 0

    /// How many children an array has.
    func count(of node: Tree.Node) -> Int { tree.entries[node].count }

    func becomeArray(_ node: Tree.Node) { tree.entries[node].kind = .array }

    func becomeObject(_ node: Tree.Node) { tree.entries[node].kind = .object }

    /// The value at `node` is JSON already: a number, `true`, `null`, or a whole document.
    func write(_ json: some Sequence<UInt8>, at node: Tree.Node) { tree.write(json, at: node) }

    /// The value at `node` is a string.
    func write(string: String, at node: Tree.Node) { tree.write(string: string, at: node) }

    /// A new value at the end of an array.
    func append(to node: Tree.Node) -> Tree.Node { tree.attach(Tree.Entry(), to: node) }

    /// A new value in an object; a key that is there already gets a second value, and the last one counts.
    func insert(_ key: String, into node: Tree.Node) -> Tree.Node { tree.insert(key, into: node) }

    /// The canonical bytes of the whole.
    var bytes: [UInt8] { tree.bytes }
}

/// The tree itself.
///
/// Containers may be filled in any order and interleaved, so that the text of every scalar goes to one buffer and the tree over it to
/// another: no container has memory of its own.
struct Tree {
    /// A place in the tree.
    typealias Node = Int

    enum Kind {
        /// Nothing was encoded here yet; an object in the end, as Foundation has it.
        case undecided
        case scalar
        case array
        case object
    }

    struct Entry {
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

    fileprivate(set) var entries = [Entry()]
    private var text: [UInt8] = []

    mutating func write(_ json: some Sequence<UInt8>, at node: Node) {
        let start = text.count
        text.append(contentsOf: json)
        entries[node].kind = .scalar
        entries[node].value = start..<text.count
    }

    mutating func write(string: String, at node: Node) {
        let start = text.count
        Self.quote(string.utf8, to: &text)
        entries[node].kind = .scalar
        entries[node].value = start..<text.count
    }

    mutating func insert(_ key: String, into node: Node) -> Node {
        let start = text.count
        text.append(contentsOf: key.utf8)
        var entry = Entry()
        entry.key = start..<text.count
        return attach(entry, to: node)
    }

    mutating func attach(_ entry: Entry, to parent: Node) -> Node {
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
        output.reserveCapacity(text.count + entries.count * 4)
        var members: [Node] = []
        emit(0, to: &output, sorting: &members)
        return output
    }

    /// Writes a value; `members` is a stack for the members of the objects that are open.
    private func emit(_ node: Node, to output: inout [UInt8], sorting members: inout [Node]) {
        var child = entries[node].firstChild
        switch entries[node].kind {
        case .scalar:
            output.append(contentsOf: text[entries[node].value])
        case .array:
            output.append(UInt8(ascii: "["))
            while child >= 0 {
                if child != entries[node].firstChild { output.append(UInt8(ascii: ",")) }
                emit(child, to: &output, sorting: &members)
                child = entries[child].next
            }
            output.append(UInt8(ascii: "]"))
        case .object, .undecided:
            let start = members.count
            while child >= 0 {
                members.append(child)
                child = entries[child].next
            }
            // Two values under one key stand in the order in which they came.
            members[start...].sort { precedes($0, $1) || (!precedes($1, $0) && $0 < $1) }
            output.append(UInt8(ascii: "{"))
            let end = members.count
            for place in start..<end where place + 1 == end || precedes(members[place], members[place + 1]) {
                if output.last != UInt8(ascii: "{") { output.append(UInt8(ascii: ",")) }
                Self.quote(text[entries[members[place]].key], to: &output)
                output.append(UInt8(ascii: ":"))
                emit(members[place], to: &output, sorting: &members)
            }
            members.removeLast(end - start)
            output.append(UInt8(ascii: "}"))
        }
    }

    /// Whether one key stands before another, by their bytes.
    private func precedes(_ one: Node, _ other: Node) -> Bool {
        text[entries[one].key].lexicographicallyPrecedes(text[entries[other].key])
    }
}
