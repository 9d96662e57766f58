/// Why the owner of a token may not do something: told alike by the API, which refuses it, and by who asks beforehand.
package struct RoleLack: Sendable {
    /// What may not be done, after "may not".
    package enum Deed: String, Sendable {
        case decide = "approve or reject"
        case hold = "hold an environment, with which a rollback begins"
        case unhold = "lift a hold"
        case prune = "remove runs"
        case free = "give up somebody else's lease"
    }

    private let role: String
    private let deed: Deed
    private let roles: [String]

    /// Nil where the owner may.
    ///
    /// - Parameters:
    ///   - role: the owner's.
    ///   - deed: what is to be done.
    ///   - roles: those that may.
    package init?(_ role: String, to deed: Deed, of roles: [String]) {
        guard !roles.contains(role) else { return nil }
        self.role = role
        self.deed = deed
        self.roles = roles
    }

    /// What is so, and what to do.
    package var sentences: String {
        """
        Your token's role is \(role), which may not \(deed.rawValue); these may: \(roles.joined(separator: ", ")). \
        Ask somebody of such a role to do it, or an admin for a token of one.
        """
    }
}
