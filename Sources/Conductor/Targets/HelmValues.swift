import CanonicalJSON

/// Values as helm reads them.
extension JSONValue {
    /// A text as `helm --set` takes it: a whole number and a truth value are what they look like.
    init(plain text: String) {
        if let number = Int64(text), String(number) == text {
            self = .number(number)
        } else if let flag = Bool(text) {
            self = .boolean(flag)
        } else {
            self = .text(text)
        }
    }

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
