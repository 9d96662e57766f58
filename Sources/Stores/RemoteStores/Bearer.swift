import HTTP
public import Journal

/// By what an API knows who asks, as the variables say it.
public enum Bearer: Sendable, CustomStringConvertible {
    /// A token that somebody was given.
    case token(APIToken)
    /// What GitHub signs of a workflow, for which the API gives a token.
    case workflow(JobIdentity)

    /// Finds it: a token before an identity.
    ///
    /// The error says what to set where there is neither.
    public init(variables: [String: String]) throws(StoreError) {
        if let token = try APIToken(variables: variables) {
            self = .token(token)
        } else if let identity = try JobIdentity(variables: variables) {
            self = .workflow(identity)
        } else {
            let isJob = variables["GITHUB_ACTIONS"] == "true"
            throw StoreError(
                .refused,
                """
                SHIPIT_STATE names an API, and there is no token for it: \
                \(isJob ? "give this job 'permissions: id-token: write', if the API trusts its workflow, or " : "")\
                set SHIPIT_TOKEN, or SHIPIT_TOKEN_FILE to a file that holds it. An admin makes one: api token create --name NAME --role ROLE.
                """)
        }
    }

    /// By what, in words, without a secret.
    public var description: String {
        switch self {
        case .token(let token): token.place
        case .workflow: "the identity that GitHub signs for this workflow"
        }
    }
}

/// Who gives the token of each call.
enum TokenSource {
    /// It stays the same.
    case fixed(APIToken)
    /// It is got anew before it ends.
    case renewed(WorkflowToken)

    /// A token; nil where there is no other than the one that was refused.
    func token(insteadOf refused: APIToken? = nil, through client: HTTPClient) async throws(StoreError) -> APIToken? {
        switch self {
        case .fixed(let token): refused == nil ? token : nil
        case .renewed(let token): try await token.current(insteadOf: refused, through: client)
        }
    }
}
