import Foundation
import HTTP
import Services
import Testing

@testable import ControlPlane

/// Who may do what, written down a second time, and walked over HTTP.
struct `The table of roles and routes` {
    /// D developer, C ci, R release-manager, O on-call, A admin; `-` without a token, as `a` where reading is open.
    static let expected: [(method: String, path: String, who: String)] = [
        ("GET", "/health", "-aDCROA"),
        ("GET", "/ready", "-aDCROA"),
        ("GET", "/api/health", "-aDCROA"),
        ("GET", "/api/ready", "-aDCROA"),
        ("GET", "/api/openapi.json", "-aDCROA"),
        ("GET", "/metrics", "aDCROA"),
        ("GET", "/api/environments", "aDCROA"),
        ("GET", "/api/environments/:name", "aDCROA"),
        ("GET", "/api/environments/:name/releases", "aDCROA"),
        ("GET", "/api/environments/:name/comparison", "aDCROA"),
        ("GET", "/api/environments/:name/rollback", "aDCROA"),
        ("GET", "/api/figures", "aDCROA"),
        ("GET", "/api/whoami", "aDCROA"),
        ("GET", "/api/projects", "aDCROA"),
        ("GET", "/api/runs", "aDCROA"),
        ("GET", "/api/runs/:id", "aDCROA"),
        ("GET", "/api/runs/:id/events", "aDCROA"),
        ("GET", "/api/runs/:id/stream", "aDCROA"),
        ("GET", "/api/runs/:id/logs", "aDCROA"),
        ("GET", "/api/runs/:id/stages/:stage/log", "aDCROA"),
        ("PATCH", "/api/runs/:id/stages/:stage/log", "DCROA"),
        ("GET", "/api/approvals", "aDCROA"),
        ("GET", "/api/announcements", "aDCROA"),
        ("POST", "/api/runs/:id/approval", "RA"),
        ("POST", "/api/runs/:id/cancel", "DCROA"),
        ("POST", "/api/environments/:name/hold", "ROA"),
        ("DELETE", "/api/environments/:name/hold", "ROA"),
        ("GET", "/api/tokens", "A"),
        ("POST", "/api/tokens", "A"),
        ("POST", "/api/identities/github", "-aDCROA"),
        ("DELETE", "/api/tokens/:token", "A"),
        ("GET", "/api/accesses", "A"),
        ("POST", "/api/ledger/append", "DCROA"),
        ("GET", "/api/ledger/journals/:kind", "aDCROA"),
        ("GET", "/api/ledger/journals/:kind/:id", "aDCROA"),
        ("GET", "/api/ledger/journals/:kind/:id/entries", "aDCROA"),
        ("GET", "/api/ledger/journals/:kind/:id/wait", "aDCROA"),
        ("GET", "/api/ledger/lease", "aDCROA"),
        ("POST", "/api/ledger/leases/acquire", "DCROA"),
        ("POST", "/api/ledger/leases/renew", "DCROA"),
        ("POST", "/api/ledger/leases/release", "DCROA"),
        ("GET", "/api/ledger/clock", "aDCROA"),
    ]

    private static let roles: [(Character, Role)] = [
        ("D", .developer), ("C", .ci), ("R", .releaseManager), ("O", .onCall), ("A", .admin),
    ]

    @Test func `speaks of every route`() {
        #expect(Set(Self.expected.map { "\($0.method) \($0.path)" }) == Set(Route.all.map { "\($0.method) \($0.path)" }))
        #expect(Set(Route.all).count == Route.all.count)
    }

    @Test func `lets few answers be a moment old, and none that somebody decides by`() {
        let late = Route.all.filter { $0.lag != .none }
        let expected: [String: Route.Lag] = [
            "/api/environments/:name/releases": .all, "/api/environments/:name/comparison": .without(.run),
            "/api/figures": .timed, "/api/runs": .with(.before), "/api/runs/:id/events": .ofEndedRuns,
        ]
        #expect(Dictionary(uniqueKeysWithValues: late.map { ($0.path, $0.lag) }) == expected)
        // With a tag, by which nobody gets an older answer after a newer one.
        #expect(late.allSatisfy { !$0.isChange && $0.text.isTagged })
    }

    @Test(arguments: [false, true])
    func `is what callers meet, cell by cell`(readingIsOpen: Bool) async throws {
        try await withFullAPI(access: AccessSettings(readingIsOpen: readingIsOpen)) { api in
            var callers: [(letter: Character, token: String?)] = [(readingIsOpen ? "a" : "-", nil)]
            for (letter, role) in Self.roles { callers.append((letter, try await api.token(role))) }
            for line in Self.expected {
                // Names of nothing: who may ask is told so, and who may not never learns it.
                let path = line.path.replacing(":name", with: "nowhere").replacing(":id", with: "none")
                    .replacing(":kind", with: "run").replacing(":stage", with: "none").replacing(
                        ":token", with: String(repeating: "a", count: 13))
                for caller in callers {
                    let answer = try await api.send(
                        line.method, path, token: caller.token, line.method == "POST" ? "{}" : nil)
                    let cell = "\(line.method) \(path) as \(caller.letter): \(answer.status)"
                    if line.who.contains(caller.letter) {
                        #expect(answer.status != 401 && answer.status != 403 && answer.status < 500, "\(cell)")
                    } else {
                        #expect(answer.status == (caller.token == nil ? 401 : 403), "\(cell)")
                        #expect(answer.headers.first("Content-Type") == "application/problem+json", "\(cell)")
                        let challenge = answer.headers.first("WWW-Authenticate")
                        #expect((challenge != nil) == (caller.token == nil), "\(cell)")
                    }
                }
            }
        }
    }
}
