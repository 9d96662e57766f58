/// A user and a password or personal access token.
///
/// Printing shows the user only.
public struct Credentials: Sendable, Equatable {
    /// The user's name; GHCR takes any with a token.
    public let user: String
    /// The password or token.
    public let password: String

    /// Credentials.
    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }
}

extension Credentials: CustomStringConvertible, CustomReflectable {
    /// The user alone.
    public var description: String { "credentials of \(user)" }
    /// The user alone, so that `dump` and a debugger's log do not show the password either.
    public var customMirror: Mirror { Mirror(self, children: ["user": user]) }
}
