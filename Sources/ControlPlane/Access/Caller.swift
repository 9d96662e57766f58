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
    let caller: Caller
    /// The body of a route that takes one; empty for all others.
    var body: [UInt8] = []

    /// The answer with `value`: with a tag where something is read, so that it need not be sent again.
    func answer(_ value: some Encodable) -> Response {
        isReading ? JSON.response(value, to: request) : JSON.response(value)
    }

    /// Whether nothing is to be changed.
    var isReading: Bool { request.method == .get || request.method == .head }

    /// The name that what the caller does is recorded under.
    var actor: String { caller.token?.name ?? "anyone" }
}
