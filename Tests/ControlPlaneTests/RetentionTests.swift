import Journal
import Logging
import Postgres
import PostgresServer
import PostgresStores
import Services
import Testing

@testable import ControlPlane

/// How long the service's own database keeps what grows for ever.
struct `What the API keeps` {
    /// Accesses and tokens of before: more than go at once.
    private static func fill(_ api: FullAPI) async throws {
        for sql in [
            """
            INSERT INTO api_accesses (at, project, method, path, request_id, address)
            SELECT now() - interval '1 hour' * (24 * age - 1), project, 'POST', project || ' ' || age, 'r', 'a'
            FROM (VALUES ('default', 9, 1200), ('other', 9, 1), ('default', 8, 1), ('default', 1, 1)) AS v(project, age, count),
                generate_series(1, count)
            """,
            """
            INSERT INTO api_tokens (id, sum, name, project, role, created_by, expires_at)
            SELECT 'aaaaaaaaaaaa' || n, sha256('x'), n, CASE WHEN n = 'f' THEN 'other' ELSE 'default' END, 'ci', by,
                now() - interval '1 hour' * (24 * age - 1)
            FROM (VALUES ('b', 'github acme/shop run 7', 9), ('c', 'github acme/shop run 7', 7), ('d', 'anna', 900),
                ('e', 'github acme/shop run 8', -1), ('f', 'github acme/shop run 7', 9), ('g', 'github', 9)) AS v(n, by, age)
            """,
        ] { try await PostgresServer.run(sql, in: api.database) }
    }

    private static func left(_ sql: String, _ api: FullAPI) async throws -> [String?] {
        try await PostgresServer.run(sql, in: api.database).rows.map { $0.text(0) }
    }

    @Test func `is every access for the days that are set, and a workflow's token for a week after its end`() async throws {
        try await withFullAPI { api in
            try await Self.fill(api)
            let database = Database(api.url)
            await Retention(database: database, project: "default", days: 8, logger: Logger(label: "test")).clear()
            await database.close()
            #expect(
                try await Self.left("SELECT path FROM api_accesses ORDER BY id", api) == ["other 9", "default 8", "default 1"])
            #expect(try await Self.left("SELECT name FROM api_tokens ORDER BY name", api) == ["c", "d", "e", "f", "g"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `is looked through by the service itself`() async throws {
        try await withFullAPI { api in
            try await Self.fill(api)
            try await withAPI(database: api.url, access: AccessSettings(auditDays: 3)) { () async throws(StoreError) in
                try await PostgresStore(api.url)
            } _: { _ in
                while try await Self.left("SELECT path FROM api_accesses WHERE project = 'default'", api) != ["default 1"] {}
            }
        }
    }
}
