import YAML

/// Reads one YAML document within limits that no honest definition meets.
///
/// The limits stop "billion laughs" (aliases of aliases), deep nesting and huge files before they cost memory:
/// YAML 1.2.2 section 3.2.2.2 allows aliases to share nodes, and each use counts here.
package struct YAMLDocument {
    static let largestFile = 4 << 20
    static let mostNodes = 400_000
    static let deepest = 64

    /// Nil when the file is empty.
    let root: YAMLNode?

    /// The document, or nothing after having reported why not.
    ///
    /// `bytes` are the file's content.
    init?(_ bytes: [UInt8], file: String, reporting collector: DiagnosticCollector) {
        let start = SourceLocation(file: file, line: 1, column: 1)
        guard bytes.count <= Self.largestFile else {
            collector.report(
                .unreadable, at: start, "the file has \(bytes.count) bytes, more than \(Self.largestFile)",
                remedy: "split the pipeline, or generate fewer stages")
            return nil
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            collector.report(
                .unreadable, at: Self.firstInvalid(bytes, file: file), "the file is not UTF-8", remedy: "save it as UTF-8")
            return nil
        }
        do throws(Diagnostic) {
            var composer = try Composer(bytes, file: file, reporting: collector)
            root = try composer.document()
        } catch {
            collector.report(error)
            return nil
        }
    }

    /// The value of a file that is not ours; nil when it cannot be read or is empty.
    package static func value(of text: String) -> YAMLNode? {
        YAMLDocument(Array(text.utf8), file: "", reporting: DiagnosticCollector())?.root
    }

    /// The place of the first byte that is not UTF-8.
    private static func firstInvalid(_ bytes: [UInt8], file: String) -> SourceLocation {
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil {
                var prefix = part[...]
                while !prefix.isEmpty, String(validating: prefix, as: UTF8.self) == nil { prefix.removeLast() }
                return SourceLocation(
                    file: file, line: line, column: String(decoding: prefix, as: UTF8.self).unicodeScalars.count + 1)
            }
            line += 1
        }
        return SourceLocation(file: file, line: 1, column: 1)
    }
}

/// Makes nodes of events; throws the one diagnostic after which nothing sensible can be read.
private struct Composer: ~Copyable {
    private struct Anchored {
        var node: YAMLNode
        /// How many values it expands to.
        var size: Int
    }

    private var reader: YAMLReader
    private let file: String
    private let collector: DiagnosticCollector
    private var anchors: [String: Anchored] = [:]
    private var size = 0

    init(_ bytes: [UInt8], file: String, reporting collector: DiagnosticCollector) throws(Diagnostic) {
        self.file = file
        self.collector = collector
        do throws(YAMLProblem) {
            reader = try YAMLReader(bytes)
        } catch {
            throw error.diagnostic(in: file)
        }
    }

    mutating func document() throws(Diagnostic) -> YAMLNode? {
        guard try next().event == .documentStart else { return nil }
        let (event, location) = try next()
        let node = try self.node(event, at: location, depth: 0)
        _ = try next()
        let (further, place) = try next()
        guard further == .streamEnd else {
            throw Diagnostic(.unreadable, at: place, "a second document begins here", remedy: "keep one; remove the line '---'")
        }
        return node
    }

    private mutating func next() throws(Diagnostic) -> (event: YAMLEvent, location: SourceLocation) {
        do throws(YAMLProblem) {
            let (event, mark) = try reader.next()
            return (event, SourceLocation(file: file, line: mark.line, column: mark.column))
        } catch {
            throw error.diagnostic(in: file)
        }
    }

    private mutating func node(_ event: YAMLEvent, at location: SourceLocation, depth: Int) throws(Diagnostic) -> YAMLNode {
        let before = size
        try count(1, at: location)
        let node: YAMLNode
        let name: String?
        switch event {
        case .scalar(let text, let isPlain, let anchor):
            let isNull = isPlain && ["", "~", "null"].contains(text)
            node = YAMLNode(location: location, value: isNull ? .null : .scalar(text))
            name = anchor
        case .sequenceStart(let anchor):
            node = YAMLNode(location: location, value: .sequence(try items(at: location, depth: depth + 1)))
            name = anchor
        case .mappingStart(let anchor):
            node = YAMLNode(location: location, value: .mapping(try fields(at: location, depth: depth + 1)))
            name = anchor
        case .alias(let alias):
            guard let known = anchors[alias] else {
                throw Diagnostic(
                    .unreadable, at: location, "the alias '*\(alias)' names no anchor before it", offending: alias,
                    remedy: anchors.isEmpty
                        ? "write the value out, or in quotes when it is a text that begins with '*'"
                        : suggestion(for: alias, among: Array(anchors.keys), none: ""))
            }
            // The node itself is counted already.
            try count(known.size - 1, at: location)
            node = YAMLNode(location: location, value: known.node.value)
            name = nil
        case .documentStart, .documentEnd, .sequenceEnd, .mappingEnd, .streamEnd:
            throw Diagnostic(.unreadable, at: location, "this is not YAML: a value is missing", remedy: YAMLProblem.remedy)
        }
        if let name { anchors[name] = Anchored(node: node, size: size - before) }
        return node
    }

    /// `depth` counts the lists and mappings around the items.
    private mutating func items(at start: SourceLocation, depth: Int) throws(Diagnostic) -> [YAMLNode] {
        try limit(depth, at: start)
        var items: [YAMLNode] = []
        while true {
            let (event, location) = try next()
            if event == .sequenceEnd { return items }
            items.append(try node(event, at: location, depth: depth))
        }
    }

    private mutating func fields(at start: SourceLocation, depth: Int) throws(Diagnostic) -> [YAMLNode.Field] {
        try limit(depth, at: start)
        var fields: [YAMLNode.Field] = []
        var lines: [String: Int] = [:]
        while true {
            let (event, location) = try next()
            if event == .mappingEnd { return fields }
            let key = try key(event, at: location, depth: depth)
            let (valueEvent, valueLocation) = try next()
            let value = try node(valueEvent, at: valueLocation, depth: depth)
            guard let key else { continue }
            if let first = lines.updateValue(lines[key] ?? location.line, forKey: key) {
                collector.report(
                    .duplicate, at: location, "the key '\(key)' stands twice", offending: key,
                    remedy: "keep one; the first is in line \(first)")
                continue
            }
            fields.append(.init(key: key, keyLocation: location, value: value))
        }
    }

    /// Nil, reported, when the key is no text.
    private mutating func key(_ event: YAMLEvent, at location: SourceLocation, depth: Int) throws(Diagnostic) -> String? {
        switch event {
        case .scalar(let text, _, let anchor):
            try count(1, at: location)
            if let anchor {
                anchors[anchor] = Anchored(node: YAMLNode(location: location, value: .scalar(text)), size: 1)
            }
            return text
        case .alias:
            collector.report(.badValue, at: location, "an alias stands where a key is wanted", remedy: "write the key out")
            return nil
        default:
            let what = try node(event, at: location, depth: depth).sort
            collector.report(.badValue, at: location, "\(what) stands where a key is wanted", remedy: "write a text as the key")
            return nil
        }
    }

    private mutating func count(_ further: Int, at location: SourceLocation) throws(Diagnostic) {
        size += further
        guard size <= YAMLDocument.mostNodes else {
            throw Diagnostic(
                .unreadable, at: location, "the document expands to more than \(YAMLDocument.mostNodes) values",
                remedy: "look for aliases (*name) of aliases, or generate fewer stages")
        }
    }

    private func limit(_ depth: Int, at location: SourceLocation) throws(Diagnostic) {
        guard depth <= YAMLDocument.deepest else {
            throw Diagnostic(
                .unreadable, at: location, "values are nested more than \(YAMLDocument.deepest) deep",
                remedy: "flatten them, and look for a bracket that is not closed")
        }
    }
}

extension YAMLProblem {
    fileprivate static let remedy = "check indentation, quotes and brackets"

    /// The problem for people; libyaml's words stand where we have no better ones.
    fileprivate func diagnostic(in file: String) -> Diagnostic {
        var text = "this is not YAML: \(message)"
        var remedy = Self.remedy
        switch message {
        case "found character that cannot start any token" where context == "while scanning for the next token":
            text = "this is not YAML: no value can begin with this character"
            remedy = "indent with spaces, not with tabs; put a text that begins with '@', '`' or '%' in quotes"
        case "control characters are not allowed":
            text = "a control character stands here"
            remedy = "remove it, or write it in double quotes as '\\xNN'"
        case "found unexpected end of stream":
            text = "the file ends inside a quoted text"
        default:
            break
        }
        if let context, let contextMark, contextMark != mark {
            text += ", \(context) that begins at line \(contextMark.line), column \(contextMark.column)"
        }
        return Diagnostic(
            .unreadable, at: SourceLocation(file: file, line: mark.line, column: mark.column), text, remedy: remedy)
    }
}
