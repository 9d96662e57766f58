public import HTTPTypes

extension HTTPField.Name {
    /// A name from our own source, which is a token (RFC 9110, section 5.6.2).
    public init(known name: String) {
        guard let field = Self(name) else { preconditionFailure("\(name) is no header's name") }
        self = field
    }
}
