import Hummingbird
import Serving

/// Who asks.
enum Caller: Sendable {
    /// Somebody without a token.
    case anyone
    /// The owner of a good token.
    case owner(Token)

    /// The token, if there is one.
    var token: Token? {
        if case .owner(let token) = self { token } else { nil }
    }
}

/// A request that was let in: what is asked, by whom.
struct Call: Sendable {
    let request: Request
    let context: ServiceContext
    let route: Route
    let caller: Caller
    /// Whether the caller has changed something lately, and so must not be told of what was before; known only where the answer may lag.
    var hasChanged = false
    /// The body of a route that takes one; empty for all others.
    var body: [UInt8] = []

    /// The answer with `value`: with a tag where something is read, so that it need not be sent again.
    func answer(_ value: some Encodable) -> Response {
        isReading ? JSON.response(value, to: request) : JSON.response(value)
    }

    /// Whether the answer may be a moment old, as far as the request and its caller tell.
    var mayLag: Bool { isReading && route.lag.admits(request) && !hasChanged }

    /// Whether nothing is to be changed.
    var isReading: Bool { request.method == .get || request.method == .head }

    /// Whose share of what there is only so much of it takes: that of all tokens of one name, or of an address.
    var party: String { caller.token.map { "token \($0.name)" } ?? "address \(context.address)" }

    /// The name that what the caller does is recorded under.
    var actor: String { caller.token?.name ?? "anyone" }
}
