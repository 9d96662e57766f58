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
}
