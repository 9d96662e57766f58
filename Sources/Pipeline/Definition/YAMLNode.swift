/// A YAML value with the place it stands at.
package struct YAMLNode: Sendable {
    package enum Value: Sendable {
        case scalar(String)
        case null
        case mapping([Field])
        case sequence([YAMLNode])
    }

    package struct Field: Sendable {
        package var key: String
        package var keyLocation: SourceLocation
        package var value: YAMLNode
    }

    package var location: SourceLocation
    package var value: Value

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
