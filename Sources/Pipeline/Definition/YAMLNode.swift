/// A YAML value with the place it stands at.
struct YAMLNode: Sendable {
    enum Value: Sendable {
        case scalar(String)
        case null
        case mapping([Field])
        case sequence([YAMLNode])
    }

    struct Field: Sendable {
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
