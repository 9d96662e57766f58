import CanonicalJSON
import Foundation
import HTTP
import Journal
import LedgerAPI
import Pipeline
import Postgres
import PostgresServer
import PostgresStores
import Processes
import Records
import Services
import Testing

@testable import ControlPlane

struct `The API over PostgreSQL` {
    let client = HTTPClient()

    @Test func `tells what shipit recorded there`() async throws {
        try await PostgresServer.withDatabase { components in
            let url = try DatabaseURL(components.string ?? "")
            try await migrate(url)
            let store = try await PostgresStore(url)
            let sample = try SampleLedger(Ledger(store))
            try await sample.record("1a", commit: "one", at: 1_000_000, .succeeded)
            try await withAPI(database: url) { () async throws(StoreError) in
                try await PostgresStore(url)
            } _: { service in
                #expect(try await service.get("/api/ready", client).status == 200)
                #expect(try await service.get("/api/runs/1a", client).object["status"] == .text("succeeded"))
                // What is recorded later is told at once.
                try await sample.record("1b", commit: "two", at: 2_000_000, .waiting)
                let waiting = try await service.get("/api/approvals", client).object["approvals"]?.items
                #expect(waiting?.map { $0["run"]?.text } == ["1b"])
                let environments = try await service.get("/api/environments", client).object["environments"]?.items
                #expect(environments?.map { $0["current"]?["id"]?.text } == ["1a", "1b"])
            }
            await store.close()
        }
    }

    @Test func `tells the announcements, newest first, and none before the database is migrated`() async throws {
        try await PostgresServer.withDatabase { components in
            let url = try DatabaseURL(components.string ?? "")
            try await withAPI(database: url) { () async throws(StoreError) in
                try await PostgresStore(url)
            } _: { service in
                let before = try await service.get("/api/announcements", client)
                #expect(before.status == 200 && before.object == ["announcements": .list([])])
                try await migrate(url)
                for message in ["first", "'); DROP TABLE announcements; --", "<b>third</b>", "fourth"] {
                    try await PostgresServer.run(
                        "INSERT INTO announcements(message) VALUES ($1)", [.text(message)], in: components)
                }
                let after = try await service.get("/api/announcements?limit=3", client).object["announcements"]?.items
                #expect(after?.map { $0["message"]?.text } == ["fourth", "<b>third</b>", "'); DROP TABLE announcements; --"])
            }
        }
    }

    @Test func `is not ready while the server is stopped, and is again when it is back`() async throws {
        try await OwnPostgres.with { server in
            let url = try server.database
            try await migrate(url)
            try await withAPI(database: url) { () async throws(StoreError) in
                try await PostgresStore(url)
            } _: { service in
                #expect(try await service.get("/ready", client).status == 200)
                #expect(try await service.get("/api/announcements", client).status == 200)
                try await server.down()
                for (path, pause) in [
                    ("/ready", "2"), ("/api/runs", "2"), ("/api/announcements", "2"), ("/api/ledger/clock", "1"),
                ] {
                    let answer = try await client.send(HTTPRequest(url: service.url(path)))
                    #expect(answer.status == 503 && answer.headers.first("Retry-After") == pause, "\(path)")
                }
                #expect(try await service.get("/health", client).status == 200)
                try await server.up()
                #expect(try await service.get("/ready", client).status == 200)
                #expect(try await service.get("/api/announcements", client).status == 200)
            }
        }
    }
}
