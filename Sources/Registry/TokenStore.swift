/// What a request may do in a repository.
enum Access: String, Sendable {
    case pull
    case push = "pull,push"
}

/// A right to do something in one repository: the two together are what a token is for.
struct Scope: Hashable, Sendable {
    let image: ImageName
    let access: Access

    /// As the token endpoint reads it (distribution's "Token Scope Documentation").
    var text: String { "repository:\(image.repository):\(access.rawValue)" }
}

/// An `Authorization` a registry takes, and how it was come by.
struct Grant: Sendable {
    let authorization: String?
    /// Whose it is; nil for an anonymous one.
    let user: String?
    /// Whether it is anonymous because the credentials were refused.
    let isFallback: Bool
    let challenge: AuthChallenge
    let expires: ContinuousClock.Instant
}

/// The grants in use, until shortly before they expire.
actor TokenStore {
    private var grants: [Scope: Grant] = [:]

    func grant(for scope: Scope, at now: ContinuousClock.Instant) -> Grant? {
        guard let grant = grants[scope] else { return nil }
        guard grant.expires > now else {
            grants[scope] = nil
            return nil
        }
        return grant
    }

    func keep(_ grant: Grant, for scope: Scope) {
        grants[scope] = grant
    }

    func forget(_ scope: Scope) {
        grants[scope] = nil
    }
}
