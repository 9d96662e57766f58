import HTTPTypes
import Hummingbird

/// One thing that may be asked of the API: its line in the table of who may do what.
struct Route: Sendable, Hashable {
    /// Who may.
    enum Access: Sendable, Hashable {
        /// Whoever reaches the service.
        case everyone
        /// The owners of these roles' tokens; everybody where reading is open.
        case readers(Set<Role>)
        /// The owners of these roles' tokens.
        case only(Set<Role>)
    }

    let method: HTTPRequest.Method
    /// As the router writes it: `/api/runs/:id`.
    let path: String
    let access: Access
    let lag: Lag
    /// How long a body may be, where one is wanted.
    let body: Int?
    /// What the API's description says of it.
    let text: Text

    init(_ method: HTTPRequest.Method, _ path: String, _ access: Access, lag: Lag = .none, body: Int? = nil, _ text: Text) {
        self.method = method
        self.path = path
        self.access = access
        self.lag = lag
        self.body = body
        self.text = text
    }

    /// Whether it changes something.
    var isChange: Bool { method != .get }

    /// Whether a call is written down: what changes something, but for the renewals of a lease, which come every ten seconds, and for the
    /// later pieces of a log; they tell nothing that the line of the beginning does not.
    func isRecorded(_ call: Call) -> Bool {
        isChange && self != .renewLease && !(self == .growLog && (try? call.request.uploadOffset()) != 0)
    }

    /// Whether it is one of a ledger's as a store.
    var isOfStore: Bool { path.hasPrefix("/api/ledger/") }

    /// Whether it is done once for one `Idempotency-Key`; a token's text is kept nowhere, and so not among the answers, and what a
    /// store is asked is safe to ask again as it is, as is the end of a token.
    var keepsAnswers: Bool {
        (method == .post || self == .unhold) && self != .createToken && self != .exchangeIdentity && !isOfStore
    }

    /// Whether one caller may ask for it only so often.
    var isBounded: Bool { access != .everyone || isChange }
}

extension Route.Access {
    /// The roles that may.
    var roles: [Role] {
        switch self {
        case .everyone: Role.allCases
        case .readers(let roles), .only(let roles): Role.allCases.filter(roles.contains)
        }
    }

    func admits(_ caller: Caller, readingIsOpen: Bool) -> Bool {
        switch (self, caller) {
        case (.everyone, _): true
        case (.readers, .anyone): readingIsOpen
        case (.readers(let roles), .owner(let token)), (.only(let roles), .owner(let token)): roles.contains(token.role)
        case (.only, .anyone): false
        }
    }
}
