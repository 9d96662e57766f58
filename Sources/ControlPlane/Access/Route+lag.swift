import HTTPTypes
import Hummingbird

extension Route {
    /// Which of a route's answers may be a moment old, and so come from a replica of the ledger.
    ///
    /// None that somebody decides by, or looks for what they have just decided in.
    enum Lag: Sendable, Hashable {
        case none
        case all
        /// All. Each tells the time at which it was worked out, so that no two are the same.
        case timed
        /// Those that are asked for with this.
        case with(Text.Query)
        /// Those that are asked for without this.
        case without(Text.Query)
        /// Those about runs that have ended, which only the ledger knows.
        case ofEndedRuns
    }
}

extension Route.Lag {
    /// Whether the answer to `request` may be a moment old, as far as the request tells.
    func admits(_ request: Request) -> Bool {
        func has(_ query: Route.Text.Query) -> Bool { request.uri.queryParameters[Substring(query.rawValue)] != nil }
        return switch self {
        case .none: false
        case .all, .timed, .ofEndedRuns: true
        case .with(let query): has(query)
        case .without(let query): !has(query)
        }
    }
}
