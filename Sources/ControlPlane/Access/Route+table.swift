import HTTPTypes
import Journal
import RemoteStores

extension Route {
    private static let allRoles = Set(Role.allCases)
    private static let deciders: Set<Role> = [.releaseManager, .admin]
    private static let guards: Set<Role> = [.releaseManager, .onCall, .admin]
    private static let forms = 16 * 1024

    static let health = Route(.get, "/health", .everyone, Text("health", "Whether the service lives", "Status"))
    static let ready = Route(
        .get, "/ready", .everyone, Text("ready", "Whether its ledger and its own database answer", "Status", [503]))
    static let healthBehindPage = Route(
        .get, "/api/health", .everyone, Text("healthBehindPage", "The same for who comes through the page", "Status"))
    static let readyBehindPage = Route(
        .get, "/api/ready", .everyone, Text("readyBehindPage", "The same for who comes through the page", "Status", [503]))
    static let openAPI = Route(
        .get, "/api/openapi.json", .everyone, Text("openAPI", "This document", "Document", isTagged: true))

    static let metrics = Route(
        .get, "/metrics", .readers(allRoles),
        Text("metrics", "What the service counts of itself, for Prometheus", "Metrics", type: "text/plain; version=0.0.4"))

    static let environments = Route(
        .get, "/api/environments", .readers(allRoles),
        Text("environments", "Every environment, with what runs there", "Environments", isTagged: true))
    static let environment = Route(
        .get, "/api/environments/:name", .readers(allRoles),
        Text("environment", "What runs in an environment", "Environment", [404], isTagged: true))
    static let releases = Route(
        .get, "/api/environments/:name/releases", .readers(allRoles), lag: .all,
        Text("releases", "Its releases, newest first", "Releases", [404], query: [.limit, .before], isTagged: true))
    static let comparison = Route(
        .get, "/api/environments/:name/comparison", .readers(allRoles), lag: .without(.run),
        Text(
            "comparison", "What differs between two releases, or between what runs and what waits", "Comparison", [404],
            query: [.from, .to, .run], isTagged: true))
    static let rollback = Route(
        .get, "/api/environments/:name/rollback", .readers(allRoles),
        Text("rollback", "Where a rollback would lead", "Rollback", [404], query: [.to], isTagged: true))
    static let figures = Route(
        .get, "/api/figures", .readers(allRoles), lag: .timed,
        Text(
            "figures", "The four DORA figures of an environment", "Figures", [404], query: [.environment, .days],
            isTagged: true))
    static let whoami = Route(.get, "/api/whoami", .readers(allRoles), Text("whoami", "Who asks, and what they may", "Identity"))

    static let projects = Route(
        .get, "/api/projects", .readers(allRoles),
        Text("projects", "The project whose ledger this is", "Projects", isTagged: true))

    static let runs = Route(
        .get, "/api/runs", .readers(allRoles), lag: .with(.before),
        Text("runs", "The runs, newest first", "Runs", query: [.limit, .before, .status], isTagged: true))
    static let run = Route(
        .get, "/api/runs/:id", .readers(allRoles), Text("run", "A run with its stages", "Run", [404], isTagged: true))
    static let events = Route(
        .get, "/api/runs/:id/events", .readers(allRoles), lag: .ofEndedRuns,
        Text("events", "Its events, oldest first", "Events", [404], query: [.limit, .after], isTagged: true))
    static let stream = Route(
        .get, "/api/runs/:id/stream", .readers(allRoles),
        Text("stream", "Its events as they happen", "Stream", [204, 404], query: [.after], type: "text/event-stream"))
    static let logs = Route(
        .get, "/api/runs/:id/logs", .readers(allRoles),
        Text("logs", "Which logs there are of its stages, and how long they are", "Logs", [404], isTagged: true))
    static let log = Route(
        .get, "/api/runs/:id/stages/:stage/log", .readers(allRoles),
        Text(
            "log", "What an attempt of a stage printed, or a part of it", "Log", [206, 404, 416], query: [.attempt],
            isTagged: true, type: "text/plain"))
    static let growLog = Route(
        .patch, "/api/runs/:id/stages/:stage/log", .only(allRoles), body: LogLimits.piece,
        Text(
            "growLog", "Adds to what an attempt of a stage printed", "Log", [404, 409, 422], success: 204, query: [.attempt],
            form: "LogPiece", takes: "application/octet-stream"))
    static let approvals = Route(
        .get, "/api/approvals", .readers(allRoles), Text("approvals", "What waits for a person", "Approvals", isTagged: true))
    static let announcements = Route(
        .get, "/api/announcements", .readers(allRoles),
        Text("announcements", "Messages from the operators", "Announcements", query: [.limit], isTagged: true))

    static let decide = Route(
        .post, "/api/runs/:id/approval", .only(deciders), body: forms,
        Text("decide", "Approves or rejects the Change that waits", "Run", [404, 409], form: "Decision"))
    static let cancel = Route(
        .post, "/api/runs/:id/cancel", .only(allRoles), body: forms,
        Text("cancel", "Ends a run", "Run", [404, 409], form: "Why"))
    static let hold = Route(
        .post, "/api/environments/:name/hold", .only(guards), body: forms,
        Text("hold", "Stops deploys to an environment", "Environment", [404], form: "Why"))
    static let unhold = Route(
        .delete, "/api/environments/:name/hold", .only(guards),
        Text("unhold", "Allows deploys to it again", "Environment", [404, 409], query: [.reason]))

    static let tokens = Route(
        .get, "/api/tokens", .only([.admin]),
        Text("tokens", "The tokens, newest first", "Tokens", query: [.limit, .before, .all], isTagged: true))
    static let createToken = Route(
        .post, "/api/tokens", .only([.admin]), body: forms,
        Text("createToken", "Makes a token", "CreatedToken", success: 201, form: "NewToken"))
    static let exchangeIdentity = Route(
        .post, "/api/identities/github", .everyone, body: forms,
        Text(
            "exchangeIdentity", "Makes a short-lived token for a GitHub Actions workflow that is trusted", "CreatedToken",
            [401, 403, 429, 503], success: 201, form: "WorkflowToken"))
    static let revokeToken = Route(
        .delete, "/api/tokens/:token", .only([.admin]), Text("revokeToken", "Makes a token worthless", "Token", [404]))
    static let accesses = Route(
        .get, "/api/accesses", .only([.admin]),
        Text("accesses", "What was changed and refused, newest first", "Accesses", query: [.limit, .before], isTagged: true))

    static let append = Route(
        .post, "/api/ledger/append", .only(allRoles), body: RemoteForm.requestLimit,
        Text("appendToJournals", "Appends to journals, all or nothing", "StoreHeads", [409, 422], form: "StoreBatch"))
    static let journals = Route(
        .get, "/api/ledger/journals/:kind", .readers(allRoles),
        Text("journals", "Where journals end, greatest name first", "StoreHeads", query: [.limit, .before, .waiting]))
    static let journal = Route(
        .get, "/api/ledger/journals/:kind/:id", .readers(allRoles), Text("journal", "Where a journal ends", "StoreHead"))
    static let entries = Route(
        .get, "/api/ledger/journals/:kind/:id/entries", .readers(allRoles),
        Text("entries", "A journal's entries, oldest first, as they are stored", "StoreEntries", query: [.limit, .after]))
    static let growth = Route(
        .get, "/api/ledger/journals/:kind/:id/wait", .readers(allRoles),
        Text("growth", "Waits until a journal has grown", "StoreGrowth", query: [.after, .timeout]))
    static let lease = Route(
        .get, "/api/ledger/lease", .readers(allRoles),
        Text("lease", "Who has a lease", "StoreLeaseOrNone", query: [.resource]))
    static let acquireLease = Route(
        .post, "/api/ledger/leases/acquire", .only(allRoles), body: forms,
        Text("acquireLease", "Asks for a lease", "StoreGrant", form: "StoreWish"))
    static let renewLease = Route(
        .post, "/api/ledger/leases/renew", .only(allRoles), body: forms,
        Text("renewLease", "Keeps a lease", "StoreLease", [409], form: "StoreRenewal"))
    static let releaseLease = Route(
        .post, "/api/ledger/leases/release", .only(allRoles), body: forms,
        Text("releaseLease", "Gives a lease up", "StoreLeaseOrNone", form: "StoreLease"))
    static let clock = Route(
        .get, "/api/ledger/clock", .readers(allRoles), Text("clock", "The clock that leases go by", "StoreClock"))

    /// The table: every route there is.
    static let all = [
        health, ready, healthBehindPage, readyBehindPage, openAPI, metrics, environments, environment, releases, comparison,
        rollback, figures, whoami, runs, run, events, stream, logs, log, growLog, approvals, announcements, decide, cancel, hold,
        unhold, tokens,
        createToken, exchangeIdentity, revokeToken, accesses, append, journals, journal, entries, growth, lease, acquireLease,
        renewLease, releaseLease, clock, projects,
    ]

    /// What may be done at a path; reading where nothing is known of it, which then is not found.
    static func methods(at path: String) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/")
        let found = patterns.filter { Self.covers($0.parts, parts) }.map(\.method)
        if found.isEmpty { return [.get, .head] }
        return found.contains(.get) ? [.get, .head] + found.filter { $0 != .get } : found
    }

    /// The paths of the table taken apart, once for all requests.
    private static let patterns = all.map { (method: $0.method, parts: $0.path.split(separator: "/")) }

    private static func covers(_ own: [Substring], _ parts: [Substring]) -> Bool {
        own.count == parts.count && zip(own, parts).allSatisfy { $0.first == ":" || $0 == $1 }
    }
}
