import CanonicalJSON

extension JSONValue {
    /// Puts a value at a path of names, over whatever is there.
    mutating func set(_ value: JSONValue, at path: some Collection<Substring>) {
        guard let first = path.first else {
            self = value
            return
        }
        var known: [String: JSONValue] = [:]
        if case .object(let fields) = self { known = fields }
        known[String(first), default: .object([:])].set(value, at: path.dropFirst())
        self = .object(known)
    }
}
