import CanonicalJSON
import Foundation
import HTTP
import HTTPTypes
import Hashing
import Journal
import Pipeline
import Postgres
import PostgresServer
import Processes
import Records
import Services
import Testing

@testable import ControlPlane

struct `The API's description` {
    private static func story(_ sample: SampleLedger) async throws {
        try await sample.record("1a", commit: "one", at: 1_000_000, .succeeded)
        try await sample.record("1b", commit: "two", at: 2_000_000, .waiting)
        _ = try await sample.ledger.store.logs?
            .append([0x78], to: LogName(run: "1b", stage: "build-api", attempt: 1), at: 0)
        for id in ["1c", "1d", "1e"] { try await sample.record(id, commit: id, at: 3_000_000, .waiting) }
    }

    @Test func `has every route, with the statuses of the table and shapes that are there`() async throws {
        try await withFullAPI { api in
            let document = try await api.send("GET", "/api/openapi.json").object
            #expect(document["openapi"] == .text("3.1.0"))
            guard case .object(let paths)? = document["paths"] else { throw CocoaError(.coderValueNotFound) }
            var found: Set<String> = []
            for (path, operations) in paths {
                guard case .object(let operations) = operations else { continue }
                for method in operations.keys { found.insert("\(method.uppercased()) \(path)") }
            }
            let templates = Route.all.map { route in
                "\(route.method) \(route.path.replacing(/:([a-z]+)/) { "{\($0.1)}" })"
            }
            #expect(found == Set(templates))
            let names = Route.all.map(\.text.name)
            #expect(Set(names).count == names.count)
            let schemas = document["components"]?["schemas"]
            for route in Route.all {
                for name in [route.text.answer, route.text.form].compactMap({ $0 }) {
                    #expect(schemas?[name] != nil, "\(name)")
                }
            }
        }
    }

    /// What to send to be answered `status`; nil where the body's deadline or a flood would be needed, which other tests have.
    private func provoke(_ route: Route, _ status: Int, _ api: FullAPI, _ admin: String) async throws -> HTTP.HTTPResponse? {
        var path = route.path.replacing(":id", with: route.isChange ? "1b" : "1a").replacing(":name", with: "staging")
            .replacing(":kind", with: "run").replacing(":stage", with: "build-api")
        if route == .revokeToken {
            let text = try #require(TokenText(try await api.token(.ci)))
            path = path.replacing(":token", with: text.id)
        }
        let sum = try await api.ledger.run("1b").run.waitingApprovals.first?.change.sum.hex ?? ""
        var body: String? =
            switch route.text.form {
            case "Decision": #"{"decision": "approve", "change": "\#(sum)"}"#
            case "Why": #"{"reason": "x"}"#
            case "NewToken": #"{"name": "a", "role": "ci"}"#
            case "WorkflowToken": #"{"token": "x"}"#
            case "StoreBatch": status == 409 || status == 422 ? Self.refused(status) : #"{"batch": [], "leases": []}"#
            case "LogPiece": "x"
            case "StoreWish": #"{"resource": "x", "holder": \#(Self.holder), "ttl": 1000}"#
            case "StoreLease", "StoreRenewal":
                #"{"lease": \#(try await Self.lease(in: api, isLost: status == 409)), "ttl": 1000}"#
            default: nil
            }
        var headers: [String: String] = [:]
        var token: String? = admin
        if route == .unhold { path += "?reason=x" }
        if route == .lease { path += "?resource=x" }
        if route == .comparison { path += "?from=1a&to=1b" }
        if route == .growLog {
            // The other one has ended long ago.
            if status == 422 { path = path.replacing("1b", with: "1a") }
            path += "?attempt=1"
            headers["Content-Type"] = route.text.takes
            headers["Upload-Offset"] = "\(status == 409 ? LogLimits.log / 2 : try await Self.end(of: "1b", in: api))"
        }
        if route == .log { path = path.replacing("1a", with: "1b") }
        if route == .figures { path += "?environment=staging" }
        switch status {
        case 204 where route == .growLog: break
        case 204:
            headers["Last-Event-ID"] = "\(try await api.ledger.run("1a").position)"
        case 206: headers["Range"] = "bytes=0-0"
        case 416: headers["Range"] = "bytes=\(LogLimits.log)-"
        case 304: headers["If-None-Match"] = "*"
        case 400:
            if route == .growLog {
                headers["Upload-Offset"] = nil
            } else if body != nil {
                body = "{"
            } else if route.text.query.isEmpty {
                path = route.path.replacing(/:[a-z]+/, with: "A")
            } else {
                path = path.split(separator: "?")[0] + "?limit=0&after=x&reason=&to=!&attempt=0"
            }
        // What GitHub signs is needed to come so far; the tests of workflows do.
        case 201 where route == .exchangeIdentity, 401 where route == .exchangeIdentity: return nil
        case 403 where route == .exchangeIdentity: break
        case 401: token = nil
        case 403: token = try await api.token(.admin, project: "other")
        case 404:
            path = path.replacing("1a", with: "none").replacing("1b", with: "none").replacing("staging", with: "nowhere")
                .replacing(/tokens\/[a-z2-7]{13}/, with: "tokens/aaaaaaaaaaaaa")
        case 409:
            if route == .hold {
                headers["Idempotency-Key"] = "conflict"
                _ = try await api.send(route.method.rawValue, path, token: token, headers: headers, body)
                try await PostgresServer.run("UPDATE api_answers SET status = NULL", in: api.database)
            } else if route == .decide {
                body = body?.replacing(sum, with: String(sum.reversed()))
            } else if route != .growLog {
                path = path.replacing("1b", with: "1a")
            }
        case 413: body = String(repeating: " ", count: (route.body ?? 0) + 1)
        case 415: headers["Content-Type"] = "text/plain"
        case 422 where route.keepsAnswers:
            headers["Idempotency-Key"] = "twice"
            let isInBody = body != nil
            _ = try await api.send(
                route.method.rawValue, isInBody ? path : path + "y", token: token, headers: headers,
                isInBody ? #"{"reason": "other"}"# : nil)
        case 408, 429, 503: return nil
        default: break
        }
        return try await api.send(route.method.rawValue, path, token: token, headers: headers, body)
    }

    private static func end(of run: RunID, in api: FullAPI) async throws -> Int64 {
        try await api.ledger.store.logs?.sizes(ofRun: run, stage: "build-api").values.first ?? 0
    }

    private static let holder = #"{"id": "h", "host": "h", "user": "h", "purpose": "h"}"#

    /// An append that conflicts, or that is no event.
    private static func refused(_ status: Int) -> String {
        let event = Stamped(EnvironmentEvent.unheld(by: "x", reason: "x"), at: 1, by: "x")
        let body = status == 409 ? Data(event.bytes).base64EncodedString() : "AA=="
        return #"{"batch": [{"journal": "environment/staging", "expected": 9999, "bodies": ["\#(body)"]}], "leases": []}"#
    }

    private static func lease(in api: FullAPI, isLost: Bool) async throws -> String {
        let holder = LeaseHolder(id: "h", host: "h", user: "h", process: nil, purpose: "h")
        let answer = try await api.ledger.store.acquire("x", for: holder, ttl: .seconds(60))
        guard case .granted(let lease, _) = answer else { throw CocoaError(.coderInvalidValue) }
        if isLost { try await api.ledger.store.release(lease) }
        return String(decoding: try JSONEncoder().encode(lease), as: UTF8.self)
    }

    @Test func `tells statuses that are really answered`() async throws {
        try await withFullAPI(filled: Self.story) { api in
            let admin = try await api.token(.admin)
            for route in Route.all {
                for status in route.statuses.sorted(by: >) {
                    if route == .unhold && status == 409 {
                        _ = try await api.send("DELETE", "/api/environments/staging/hold?reason=x", token: admin)
                    }
                    if route == .unhold && status == 200 {
                        _ = try await api.send("POST", "/api/environments/staging/hold", token: admin, #"{"reason": "x"}"#)
                    }
                    guard let answer = try await provoke(route, status, api, admin) else { continue }
                    #expect(answer.status == status, "\(route.method) \(route.path): \(answer.object["detail"]?.text ?? "")")
                }
                // The next decision needs a run that waits.
                if route == .decide { try await SampleLedger(api.ledger).record("1f", commit: "f", at: 9_000_000, .waiting) }
            }
            try await PostgresServer.run("ALTER TABLE api_tokens RENAME TO away", in: api.database)
            for route in Route.all where route.access != .everyone {
                let path = route.path.replacing(/:[a-z]+/, with: "x")
                #expect(try await api.send(route.method.rawValue, path, token: admin).status == 503)
            }
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["SHIPIT_SCHEMATHESIS"] != nil), .timeLimit(.minutes(25)))
    func `holds against schemathesis`() async throws {
        let tool = ProcessInfo.processInfo.environment["SHIPIT_SCHEMATHESIS"] ?? ""
        let folder = FileManager.default.temporaryDirectory.appending(path: "shipit-openapi-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await withFullAPI(filled: Self.story) { api in
            // Where the random names of a generator would never lead.
            let settings = """
                headers = { Authorization = "Bearer ${SHIPIT_TOKEN}" }

                [parameters]
                "path.id" = "1a"
                "path.name" = "staging"
                "path.kind" = "run"
                "path.stage" = "build-api"

                # No longer than a request is waited for.
                [[operations]]
                include-operation-id = "growth"
                parameters = { "query.timeout" = 5 }

                [[operations]]
                include-operation-id = "decide"
                parameters = { "path.id" = "1c" }

                # It wants two releases, or a run: no schema of single parameters says so.
                [[operations]]
                include-operation-id = "comparison"
                [operations.checks.positive_data_acceptance]
                expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 429, "5xx"]

                # A key of before with another body is refused with 422, however valid both are.
                [checks.positive_data_acceptance]
                expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 422, 429, "5xx"]
                """
            try Data(settings.utf8).write(to: folder.appending(path: "schemathesis.toml"))
            var environment = Command.inheritedEnvironment
            environment["SHIPIT_TOKEN"] = try await api.token(.admin)
            let captured = try await capture(
                Command(
                    tool,
                    [
                        "--no-color", "run", api.service.url("/api/openapi.json"), "--checks", "all", "--phases",
                        "examples,coverage,fuzzing", "--max-examples", "25", "--seed", "7", "--request-timeout", "120",
                        "--continue-on-failure", "--warnings", "off",
                    ], environment: environment, workingDirectory: folder.path, deadline: .seconds(1200)))
            #expect(captured.outcome.succeeded, "\(captured.text)\(captured.errorText)")
        }
    }
}
