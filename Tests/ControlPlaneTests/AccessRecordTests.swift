import CanonicalJSON
import HTTP
import Postgres
import PostgresServer
import Services
import Testing

@testable import ControlPlane

struct `The record of accesses` {
    @Test func `has what was changed and what was refused, and nothing of what was read`() async throws {
        try await withFullAPI { api in
            let (admin, developer) = (try await api.token(.admin, name: "root"), try await api.token(.developer, name: "dora"))
            _ = try await api.send("GET", "/api/runs?secret=1", headers: ["X-Request-ID": "r-1"])
            _ = try await api.send("GET", "/api/runs", token: developer)
            _ = try await api.send("GET", "/api/tokens", token: developer, headers: ["X-Request-ID": "r-2"])
            _ = try await api.send(
                "POST", "/api/tokens", token: admin, headers: ["X-Request-ID": "r-3"], #"{"name": "a", "role": "ci"}"#)
            _ = try await api.send("POST", "/api/tokens", token: admin, headers: ["X-Request-ID": "r-4"], "{}")
            let answer = try await api.send("GET", "/api/accesses", token: admin)
            let found = answer.object["accesses"]?.items ?? []
            #expect(found.map { $0["request"]?.text } == ["r-4", "r-3", "r-2", "r-1"])
            #expect(found.map { $0["status"] } == [.number(400), .number(201), .number(403), .number(401)])
            #expect(found.map { $0["name"]?.text } == ["root", "root", "dora", nil])
            #expect(found.map { $0["role"]?.text } == ["admin", "admin", "developer", nil])
            #expect(found.map { $0["path"]?.text } == ["/api/tokens", "/api/tokens", "/api/tokens", "/api/runs"])
            #expect(found.allSatisfy { $0["address"] == .text("127.0.0.1") && $0["at"] != nil && $0["method"] != nil })
            #expect(found.allSatisfy { $0["token"] != nil } == false)
        }
    }

    @Test func `is read page by page, newest first, and is one project's`() async throws {
        try await withFullAPI { api in
            let admin = try await api.token(.admin)
            for _ in 0..<5 { _ = try await api.send("GET", "/api/runs") }
            try await PostgresServer.run("UPDATE api_accesses SET project = 'other' WHERE id = 3", in: api.database)
            var (pages, path): ([[JSONValue?]], String?) = ([], "/api/accesses?limit=3")
            while let next = path {
                let page = try await api.send("GET", next, token: admin).object
                pages.append(page["accesses"]?.items.map { $0["id"] } ?? [])
                path =
                    if case .number(let last)? = page["next"] { "/api/accesses?limit=3&before=\(last)" } else { nil }
            }
            #expect(pages == [[.number(5), .number(4), .number(2)], [.number(1)]])
            for bad in ["0", "-1", "x", "1;DROP"] {
                #expect(try await api.send("GET", "/api/accesses?before=\(bad)", token: admin).status == 400)
            }
        }
    }

    @Test func `comes first: what cannot be written down is not done`() async throws {
        try await withFullAPI { api in
            let admin = try await api.token(.admin)
            try await PostgresServer.run("ALTER TABLE api_accesses RENAME TO away", in: api.database)
            let answer = try await api.send("POST", "/api/tokens", token: admin, #"{"name": "a", "role": "ci"}"#)
            #expect(answer.status == 503 && answer.object["detail"]?.text?.contains("migrations") == true)
            let count = try await PostgresServer.run("SELECT count(*) FROM api_tokens", in: api.database)
            #expect(count.rows.first?.integer(0) == 1)
            // What is refused stays refused.
            #expect(try await api.send("GET", "/api/runs").status == 401)
        }
    }
}
