/// What a token's owner does in a project, and so what they may do here; ``Route`` says which is which.
enum Role: String, Sendable, CaseIterable, Codable {
    case developer
    case ci
    case releaseManager = "release-manager"
    case onCall = "on-call"
    case admin
}
