import HTTPTypes

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
    /// How long a body may be, where one is wanted.
    let body: Int?

    init(_ method: HTTPRequest.Method, _ path: String, _ access: Access, body: Int? = nil) {
        self.method = method
        self.path = path
        self.access = access
        self.body = body
    }

    /// Whether it changes something, and is written down.
    var isChange: Bool { method != .get }
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

extension Route {
    private static let allRoles = Set(Role.allCases)
    private static let forms = 16 * 1024

    static let health = Route(.get, "/health", .everyone)
    static let ready = Route(.get, "/ready", .everyone)
    static let healthBehindPage = Route(.get, "/api/health", .everyone)
    static let readyBehindPage = Route(.get, "/api/ready", .everyone)

    static let environments = Route(.get, "/api/environments", .readers(allRoles))
    static let environment = Route(.get, "/api/environments/:name", .readers(allRoles))
    static let releases = Route(.get, "/api/environments/:name/releases", .readers(allRoles))
    static let runs = Route(.get, "/api/runs", .readers(allRoles))
    static let run = Route(.get, "/api/runs/:id", .readers(allRoles))
    static let events = Route(.get, "/api/runs/:id/events", .readers(allRoles))
    static let stream = Route(.get, "/api/runs/:id/stream", .readers(allRoles))
    static let approvals = Route(.get, "/api/approvals", .readers(allRoles))
    static let announcements = Route(.get, "/api/announcements", .readers(allRoles))

    static let decide = Route(.post, "/api/runs/:id/approval", .only([.releaseManager, .admin]), body: forms)
    static let cancel = Route(
        .post, "/api/runs/:id/cancel", .only([.developer, .ci, .releaseManager, .onCall, .admin]), body: forms)
    static let hold = Route(
        .post, "/api/environments/:name/hold", .only([.releaseManager, .onCall, .admin]), body: forms)
    static let unhold = Route(.delete, "/api/environments/:name/hold", .only([.releaseManager, .onCall, .admin]))

    static let tokens = Route(.get, "/api/tokens", .only([.admin]))
    static let createToken = Route(.post, "/api/tokens", .only([.admin]), body: forms)
    static let revokeToken = Route(.delete, "/api/tokens/:token", .only([.admin]))
    static let accesses = Route(.get, "/api/accesses", .only([.admin]))

    /// The table: every route there is.
    static let all = [
        health, ready, healthBehindPage, readyBehindPage, environments, environment, releases, runs, run, events, stream,
        approvals,
        announcements, decide, cancel, hold, unhold, tokens, createToken, revokeToken, accesses,
    ]

    /// What may be done at a path; reading where nothing is known of it, which then is not found.
    static func methods(at path: String) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/")
        let found = all.filter { $0.covers(parts) }.map(\.method)
        if found.isEmpty { return [.get, .head] }
        return found.contains(.get) ? [.get, .head] + found.filter { $0 != .get } : found
    }

    private func covers(_ parts: [Substring]) -> Bool {
        let own = path.split(separator: "/")
        return own.count == parts.count && zip(own, parts).allSatisfy { $0.first == ":" || $0 == $1 }
    }
}
