/// The JSON Schema (draft 2020-12) of one of the definition's files, for editors that complete and check YAML.
///
/// It tells what can be told of one file alone: keys, forms, ranges. Names that must be declared elsewhere, artifacts and cycles are
/// `shipit check`'s. It refuses nothing that a reader takes, but for a key without a value, which a reader passes over.
public enum DefinitionSchema: String, Sendable, CaseIterable {
    /// `pipelines/project.yml`.
    case project
    /// Every other `pipelines/NAME.yml`.
    case pipeline

    /// The schema, laid out for people.
    public var text: String { root.text() + "\n" }

    /// What the file holds.
    var form: Form {
        switch self {
        case .project: .mapping(Project.keys)
        case .pipeline: .mapping(PipelineDefinition.keys)
        }
    }

    private var root: SchemaNode {
        let (title, about) =
            switch self {
            case .project: ("pipelines/project.yml", "A project of shipit: its registry, services and environments")
            case .pipeline: ("pipelines/NAME.yml", "A pipeline of shipit: its stages, by name")
            }
        return .object([
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")), ("title", .text(title)),
            ("description", .text(about)),
        ]).with(Self.members(of: form))
    }

    private static func node(_ form: Form) -> SchemaNode { .object(members(of: form)) }

    private static func members(of form: Form) -> [SchemaNode.Member] {
        switch form {
        case .text(let text):
            return [("type", text.mayBePlain ? .texts(["string", "number", "boolean"]) : .text("string"))] + members(of: text)
        case .integer(let range):
            // In quotes it is a whole number too.
            return [
                ("type", .texts(["integer", "string"])), ("minimum", .number(range.lowerBound)),
                ("maximum", .number(range.upperBound)), ("pattern", .text("^[+-]?[0-9]+$")),
            ]
        case .flag(let only):
            return [
                ("type", .texts(["boolean", "string"])),
                ("enum", .list((only.map { [$0] } ?? [true, false]).flatMap { [.flag($0), .text("\($0)")] })),
            ]
        case .choice(let words):
            return [("enum", .texts(words))]
        case .list(let element, let isFilled):
            return [("type", .text("array")), ("items", node(element))] + (isFilled ? [("minItems", .number(1))] : [])
        case .entries(let value, let keys, let isFilled):
            return [("type", .text("object"))]
                + (keys.patterns.isEmpty ? [] : [("propertyNames", .object(members(of: keys)))])
                + [("additionalProperties", node(value))] + (isFilled ? [("minProperties", .number(1))] : [])
        case .mapping(let variants):
            if variants.count == 1, let keys = variants.first { return members(of: keys) }
            return [("type", .text("object")), ("oneOf", .list(variants.map { .object(members(of: $0)) }))]
        }
    }

    private static func members(of text: TextForm) -> [SchemaNode.Member] {
        switch text.patterns.count {
        case 0: []
        case 1: text.patterns.map { ("pattern", .text($0)) }
        default: [("allOf", .list(text.patterns.map { .object([("pattern", .text($0))]) }))]
        }
    }

    private static func members(of keys: [KeyForm]) -> [SchemaNode.Member] {
        let required = keys.filter(\.isRequired).map(\.name)
        return [
            ("type", .text("object")), ("properties", .object(keys.map { ($0.name, property($0)) })),
            ("additionalProperties", .flag(false)),
        ] + (required.isEmpty ? [] : [("required", .texts(required))])
    }

    private static func property(_ key: KeyForm) -> SchemaNode {
        var about: [SchemaNode.Member] = [("description", .text(key.meaning))]
        if let standard = key.standard, let value = scalar(standard, of: key.form) { about.append(("default", value)) }
        if case .text = key.form { about.append(("examples", .texts([key.example]))) }
        return .object(about).with(members(of: key.form))
    }

    /// A value that is written in a declaration, as JSON; nil for lists and mappings.
    private static func scalar(_ text: String, of form: Form) -> SchemaNode? {
        switch form {
        case .text, .choice: .text(text)
        case .integer: Int(text).map { .number($0) }
        case .flag: .flag(text == "true")
        case .list, .entries, .mapping: nil
        }
    }
}

extension DefinitionSchema: Encodable {
    /// Writes the schema itself.
    public func encode(to encoder: any Encoder) throws {
        try root.encode(to: encoder)
    }
}
