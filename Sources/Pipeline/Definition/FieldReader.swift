/// Reads the fields of one mapping by name, reports what is wrong, and at the end what nobody read.
struct FieldReader {
    let location: SourceLocation
    let collector: DiagnosticCollector
    /// What the mapping is, in the words of an error: "service 'api'".
    let subject: String
    /// What the mapping may hold.
    var forms: [[KeyForm]]
    /// In the file's order; they are few, so that looking through them costs less than hashing them.
    private let fields: [YAMLNode.Field]
    /// The keys that were asked for.
    private var known: [String] = []

    /// Nil, reported, when `node` is not a mapping.
    init?(_ node: YAMLNode, as forms: [[KeyForm]], subject: String, reporting collector: DiagnosticCollector) {
        self.location = node.location
        self.forms = forms
        self.subject = subject
        self.collector = collector
        guard case .mapping(let list) = node.value else {
            collector.report(
                .badValue, at: node.location, "\(subject) is \(node.sort), a mapping is wanted", offending: node.excerpt,
                remedy: "write 'key: value' lines")
            return nil
        }
        fields = list
    }

    /// What was declared of `key`, without which no reader may ask for it.
    private func declaration(of key: String) -> KeyForm {
        for keys in forms { for declared in keys where declared.name == key { return declared } }
        preconditionFailure("\(subject): the key '\(key)' is read and not declared")
    }

    private func field(_ key: String) -> YAMLNode.Field? { fields.first { $0.key == key } }

    /// The value under `key`, when there is one that is not null.
    mutating func node(_ key: String) -> YAMLNode? {
        assert(declaration(of: key).name == key)
        known.append(key)
        guard let field = field(key) else { return nil }
        if case .null = field.value.value { return nil }
        return field.value
    }

    /// Whether `key` stands there, with or without a value; does not count as reading it.
    func stands(_ key: String) -> Bool { field(key) != nil }

    /// Whether `key` stands there with a value; does not count as reading it.
    func has(_ key: String) -> Bool {
        guard let field = field(key) else { return false }
        if case .null = field.value.value { return false }
        return true
    }

    /// Where `key` stands, else where the mapping begins.
    func place(of key: String) -> SourceLocation { field(key)?.keyLocation ?? location }

    mutating func text(_ key: String) -> Located<String>? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text) = node.value else {
            collector.report(.badValue, at: node.location, "'\(key)' of \(subject) is \(node.sort), a text is wanted")
            return nil
        }
        return Located(text, at: node.location)
    }

    /// Like ``text(_:)``, and reported when it is not there.
    mutating func requiredText(_ key: String, example: String? = nil) -> Located<String>? {
        if !has(key) { reportMissing(key, example: example) }
        return text(key)
    }

    func reportMissing(_ key: String, example: String? = nil) {
        let example = example ?? declaration(of: key).example
        if stands(key) {
            collector.report(
                .missingKey, at: place(of: key), "'\(key)' of \(subject) has no value", remedy: "write '\(key): \(example)'")
        } else {
            collector.report(.missingKey, at: location, "\(subject) has no '\(key)'", remedy: "add '\(key): \(example)'")
        }
    }

    mutating func list(_ key: String) -> [YAMLNode] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let nodes) = node.value else {
            collector.report(
                .badValue, at: node.location, "'\(key)' of \(subject) is \(node.sort), a list is wanted", offending: node.excerpt,
                remedy: "write it as [\(node.excerpt ?? "…")]")
            return []
        }
        return nodes
    }

    mutating func texts(_ key: String) -> [Located<String>] {
        list(key).compactMap { node in
            guard case .scalar(let text) = node.value else {
                collector.report(.badValue, at: node.location, "'\(key)' of \(subject) holds \(node.sort), a text is wanted")
                return nil
            }
            return Located(text, at: node.location)
        }
    }

    /// The fields of the mapping under `key`, in the file's order.
    mutating func mapping(_ key: String) -> [YAMLNode.Field] {
        guard let node = node(key) else { return [] }
        guard case .mapping(let fields) = node.value else {
            collector.report(
                .badValue, at: node.location, "'\(key)' of \(subject) is \(node.sort), a mapping is wanted",
                offending: node.excerpt)
            return []
        }
        return fields
    }

    mutating func name<Subject>(_ key: String, what: String) -> Located<Name<Subject>>? {
        guard let text = text(key) else { return nil }
        return Self.name(text, what: what, reporting: collector)
    }

    static func name<Subject>(
        _ text: Located<String>, what: String, reporting collector: DiagnosticCollector
    ) -> Located<Name<Subject>>? {
        guard let name = Name<Subject>(text.value) else {
            collector.report(
                .badValue, at: text.location, "'\(text.value)' cannot be the name of a \(what)", offending: text.value,
                remedy: "use 1 to 63 of a-z, 0-9, '-', '_' and '.', beginning with a letter or digit")
            return nil
        }
        return Located(name, at: text.location)
    }

    mutating func integer(_ key: String, what: String) -> Int? {
        guard let text = text(key) else { return nil }
        guard case .integer(let range) = declaration(of: key).form else {
            preconditionFailure("\(subject): the key '\(key)' is read as a whole number and declared as something else")
        }
        guard let number = Int(text.value), range.contains(number) else {
            collector.report(
                .badValue, at: text.location, "'\(text.value)' is not \(what)", offending: text.value,
                remedy: "write a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func flag(_ key: String) -> Bool? {
        guard let text = text(key) else { return nil }
        switch text.value {
        case "true": return true
        case "false": return false
        default:
            collector.report(
                .badValue, at: text.location, "'\(text.value)' is neither true nor false", offending: text.value,
                remedy: "write true or false")
            return nil
        }
    }

    /// One of a few words.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, of what: String) -> Choice? {
        guard let text = text(key) else { return nil }
        guard let choice = Choice(rawValue: text.value) else {
            collector.report(
                .badValue, at: text.location, "'\(text.value)' is not \(what)", offending: text.value,
                remedy: suggestion(for: text.value, among: Choice.allCases.map(\.rawValue), none: ""))
            return nil
        }
        return choice
    }

    mutating func span(_ key: String) -> TimeSpan? {
        guard let text = text(key) else { return nil }
        guard let span = TimeSpan(text.value) else {
            collector.report(
                .badValue, at: text.location, "'\(text.value)' is not a duration", offending: text.value,
                remedy: "write a number and a unit, such as 500ms, 30s, 10m, 1h or 1m30s")
            return nil
        }
        return span
    }

    mutating func value(_ key: String) -> ConfigValue? {
        guard let text = text(key) else { return nil }
        return Self.value(text, reporting: collector)
    }

    static func value(_ text: Located<String>, reporting collector: DiagnosticCollector) -> ConfigValue? {
        do throws(ConfigValue.Malformed) {
            return try ConfigValue(text.value)
        } catch {
            // The text may hold a secret that was written by mistake: it is not repeated.
            collector.report(
                .badValue, at: text.location, error.message,
                remedy: "write ${env:NAME}, ${file:PATH} or ${command:PROGRAM ARGUMENT…}; '$$' for a dollar sign")
            return nil
        }
    }

    /// Reports every key that nobody asked for, with the nearest one that would be read.
    func finish() {
        for field in fields where !known.contains(field.key) {
            collector.report(
                .unknownKey, at: field.keyLocation, "\(subject) has no key '\(field.key)'", offending: field.key,
                remedy: suggestion(for: field.key, among: known, none: "remove it"))
        }
    }
}

/// A value and where it was written.
struct Located<Value> {
    var value: Value
    var location: SourceLocation

    init(_ value: Value, at location: SourceLocation) {
        self.value = value
        self.location = location
    }
}

extension Located: Sendable where Value: Sendable {}
