import Yams

/// A YAML value with the place it stands at.
struct YAMLNode {
    enum Value {
        case scalar(String)
        case null
        case mapping([Field])
        case sequence([YAMLNode])
    }

    struct Field {
        var key: String
        var keyLocation: SourceLocation
        var value: YAMLNode
    }

    var location: SourceLocation
    var value: Value

    /// What the value is, in the words of an error.
    var sort: String {
        switch value {
        case .scalar: "a text"
        case .null: "nothing"
        case .mapping: "a mapping"
        case .sequence: "a list"
        }
    }

    /// The text, shortened for an error; nil for mappings and lists.
    var excerpt: String? {
        guard case .scalar(let text) = value else { return nil }
        return text.count > 60 ? String(text.prefix(57)) + "…" : text
    }
}

/// Reads one YAML document within limits that no honest definition meets.
///
/// The limits stop "billion laughs" (aliases of aliases), deep nesting and huge files before they cost memory:
/// YAML 1.2.2 section 3.2.2.2 allows aliases to share nodes, and each use counts here.
struct YAMLDocument {
    static let largestFile = 4 << 20
    static let mostNodes = 400_000
    static let deepest = 64

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
        guard var text = String(validating: bytes, as: UTF8.self) else {
            collector.report(
                .unreadable, at: Self.firstInvalid(bytes, file: file), "the file is not UTF-8", remedy: "save it as UTF-8")
            return nil
        }
        if let place = Self.aliasAsKey(text, file: file) {
            collector.report(.unreadable, at: place, "an alias stands where a key is wanted", remedy: "write the key out")
            return nil
        }
        // Yams stops at the first doubled key. It is blanked and the file read again, so that every mistake is reported at once.
        for _ in 0..<50 {
            do {
                var budget = Self.mostNodes
                root = try Parser(yaml: text, encoding: .utf8).singleRoot().map {
                    try Self.convert($0, file: file, depth: 0, budget: &budget)
                }
                return
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let key = keys.first ?? ""
                let first = SourceLocation(file: file, line: context.mark.line, column: context.mark.column)
                let again = Self.secondOccurrence(of: key, after: first, in: text)
                collector.report(
                    .duplicate, at: again?.location ?? first, "the key '\(key)' stands twice", offending: key,
                    remedy: "first at line \(first.line): keep one")
                guard let again else { return nil }
                text.replaceSubrange(again.range, with: String(repeating: Self.blank, count: key.count))
            } catch let error as YamlError {
                collector.report(Self.diagnostic(for: error, start: start))
                return nil
            } catch let limit as LimitError {
                collector.report(limit.diagnostic)
                return nil
            } catch {
                collector.report(.unreadable, at: start, "the file cannot be read as YAML")
                return nil
            }
        }
        return nil
    }

    /// Stands for each character of a key that was blanked: a private-use character, which no key of ours contains.
    private static let blank: Character = "\u{E000}"

    private struct LimitError: Error {
        var diagnostic: Diagnostic
    }

    private static func convert(_ node: Node, file: String, depth: Int, budget: inout Int) throws -> YAMLNode {
        let location = SourceLocation(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        budget -= 1
        guard budget >= 0 else {
            throw LimitError(
                diagnostic: Diagnostic(
                    .unreadable, at: location, "the document expands to more than \(mostNodes) values",
                    remedy: "look for aliases (*name) of aliases"))
        }
        guard depth <= deepest else {
            throw LimitError(
                diagnostic: Diagnostic(
                    .unreadable, at: location, "values are nested more than \(deepest) deep", remedy: "flatten them"))
        }
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
            return YAMLNode(location: location, value: isNull ? .null : .scalar(scalar.string))
        case .sequence(let sequence):
            return YAMLNode(
                location: location,
                value: .sequence(try sequence.map { try convert($0, file: file, depth: depth + 1, budget: &budget) }))
        case .mapping(let mapping):
            var fields: [YAMLNode.Field] = []
            fields.reserveCapacity(mapping.count)
            for (key, value) in mapping {
                let place = SourceLocation(file: file, line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
                guard case .scalar(let scalar) = key else {
                    throw LimitError(
                        diagnostic: Diagnostic(.badValue, at: place, "a key must be a text", remedy: "write a plain key"))
                }
                let converted = try convert(value, file: file, depth: depth + 1, budget: &budget)
                if scalar.string.first == blank { continue }
                fields.append(.init(key: scalar.string, keyLocation: place, value: converted))
            }
            return YAMLNode(location: location, value: .mapping(fields))
        case .alias:
            throw LimitError(
                diagnostic: Diagnostic(.unreadable, at: location, "an alias names no anchor", remedy: "write the value out"))
        }
    }

    private static func diagnostic(for error: YamlError, start: SourceLocation) -> Diagnostic {
        func place(_ mark: Mark) -> SourceLocation {
            SourceLocation(file: start.file, line: max(1, mark.line), column: max(1, mark.column))
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return Diagnostic(
                .unreadable, at: place(mark), "this is not YAML: \(problem)", remedy: "check indentation, quotes and brackets")
        case .reader(let problem, let offset, _, _):
            return Diagnostic(
                .unreadable, at: start, "this is not YAML: \(problem)" + (offset.map { " at byte \($0)" } ?? ""),
                remedy: "remove control characters")
        default:
            return Diagnostic(.unreadable, at: start, "this is not YAML", remedy: "check indentation, quotes and brackets")
        }
    }

    /// The place of the first byte that is not UTF-8.
    private static func firstInvalid(_ bytes: [UInt8], file: String) -> SourceLocation {
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil {
                var column = 1
                var prefix = part[...]
                while !prefix.isEmpty, String(validating: prefix, as: UTF8.self) == nil { prefix.removeLast() }
                column += String(decoding: prefix, as: UTF8.self).count
                return SourceLocation(file: file, line: line, column: column)
            }
            line += 1
        }
        return SourceLocation(file: file, line: 1, column: 1)
    }

    /// An alias used as a key.
    ///
    /// Yams hashes keys whole, so that an alias bomb there would cost exponential time before any limit is met.
    private static func aliasAsKey(_ text: String, file: String) -> SourceLocation? {
        guard text.utf8.contains(UInt8(ascii: "*")) else { return nil }
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let indent = line.prefix { " -?{,[".contains($0) }
            let isComplexKey = indent.contains("?")
            let rest = line.dropFirst(indent.count)
            guard rest.first == "*" || (isComplexKey && line.contains("*")) else { continue }
            let name = rest.dropFirst().prefix { !" \t,:]}".contains($0) }
            let after = rest.dropFirst(1 + name.count).drop { $0 == " " }
            if isComplexKey || after.first == ":" {
                return SourceLocation(file: file, line: number + 1, column: indent.count + 1)
            }
        }
        return nil
    }

    /// Where a key of a block mapping stands again: the next line that begins with it in the same column.
    private static func secondOccurrence(
        of key: String, after first: SourceLocation, in text: String
    ) -> (location: SourceLocation, range: Range<String.Index>)? {
        guard !key.isEmpty else { return nil }
        var line = 1
        var start = text.startIndex
        while start < text.endIndex {
            let end = text[start...].firstIndex(of: "\n") ?? text.endIndex
            let content = text[start..<end]
            if line > first.line, content.count >= first.column - 1 + key.count {
                let from = content.index(content.startIndex, offsetBy: first.column - 1)
                let upTo = content.index(from, offsetBy: key.count)
                let isIndented = content[..<from].allSatisfy { $0 == " " }
                if isIndented, content[from..<upTo] == key, content[upTo...].drop(while: { $0 == " " }).first == ":" {
                    return (SourceLocation(file: first.file, line: line, column: first.column), from..<upTo)
                }
            }
            line += 1
            start = end < text.endIndex ? text.index(after: end) : end
        }
        return nil
    }
}
