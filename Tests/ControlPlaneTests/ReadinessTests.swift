import CanonicalJSON
import Foundation
import HTTP
import Journal
import LedgerAPI
import Postgres
import PostgresServer
import PostgresStores
import Services
import Testing

@testable import ControlPlane

struct `Readiness` {
    let client = HTTPClient()

    @Test(arguments: ["", "/api"])
    func `is not life: a service without its ledger lives`(prefix: String) async throws {
        try await withAPI { () async throws(StoreError) in
            throw StoreError(.unreachable, "postgres://secret-user@secret-host does not answer.")
        } _: { service in
            #expect(try await service.get("\(prefix)/health", client) == (200, ["status": .text("alive")]))
            let ready = try await service.get("\(prefix)/ready", client)
            #expect(ready.status == 503 && ready.object["status"] == .number(503))
            #expect(ready.object["detail"]?.text?.contains("secret") == false)
            for path in ["\(prefix)/ready", "/api/runs"] {
                let refused = try await client.send(HTTPRequest(url: service.url(path)))
                #expect(refused.status == 503 && refused.headers.first("Retry-After") == "2", "\(path)")
            }
        }
    }

    @Test func `takes the service's own database, with its tables`() async throws {
        try await PostgresServer.withDatabase { components in
            let url = try DatabaseURL(components.string ?? "")
            try await withAPI(database: url) { () async throws(StoreError) in
                try await PostgresStore(url)
            } _: { service in
                let bare = try await service.get("/ready", client)
                #expect(bare.status == 503 && bare.object["detail"]?.text?.contains("apply this release's migrations") == true)
                try await migrate(url)
                #expect(try await service.get("/ready", client) == (200, ["status": .text("ready")]))
                for table in ["api_tokens", "api_accesses", "api_answers"] {
                    try await PostgresServer.run("ALTER TABLE \(table) RENAME TO away", in: components)
                    #expect(try await service.get("/ready", client).status == 503, "without \(table)")
                    try await PostgresServer.run("ALTER TABLE away RENAME TO \(table)", in: components)
                }
                let other = try await Connection(url, applicationName: "test", connectTimeout: .seconds(10))
                try await other.execute(script: "BEGIN; LOCK TABLE api_tokens IN ACCESS EXCLUSIVE MODE")
                let late = try await client.send(HTTPRequest(url: service.url("/ready")))
                #expect(late.status == 503 && late.elapsed < .seconds(4))
                await other.close()
                #expect(try await service.get("/ready", client).status == 200)
            }
        }
    }

    @Test func `is denied in time when opening the ledger never ends, not even by being cancelled`() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        try await withAPI(patience: .seconds(600)) { () async throws(StoreError) in
            await Task { for await _ in gate {} }.value
            throw StoreError(.unreachable, "The gate was opened.")
        } _: { service in
            async let runs = client.send(HTTPRequest(url: service.url("/api/runs"), deadline: .seconds(300)))
            let response = try await client.send(HTTPRequest(url: service.url("/ready"), deadline: .seconds(300)))
            #expect(response.status == 503 && response.elapsed > .seconds(1.9))
            let late = try await runs
            #expect(late.status == 503 && late.headers.first("Retry-After") == "2")
            opener.finish()
        }
    }
}

private func == (left: (Int, [String: JSONValue]), right: (Int, [String: JSONValue])) -> Bool {
    left.0 == right.0 && left.1 == right.1
}
