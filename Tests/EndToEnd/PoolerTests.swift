import Foundation
import PostgresServer
import Shops
import Testing

/// Databases behind a PgBouncer that lends sessions for one transaction at a time.
@Suite struct PoolerTests {
    @Test func `a ledger behind PgBouncer works, and a migration says why it cannot`() async throws {
        try await Shop.with { shop in
            func pooled(_ url: String) async throws -> String {
                let through = try await PostgresPooler.transactions.through(try #require(URLComponents(string: url)))
                return through.string ?? ""
            }
            let state = ["SHIPIT_STATE": try await pooled(try await World.database("\(shop.name)_ledger"))]
            let refused = try await shop.shipit(
                "run", "release", "--to", "migrate-staging",
                adding: state.merging(["STAGING_DATABASE_URL": try await pooled(shop.staging)]) { $1 })
            #expect(refused.code == 1 && refused.text.contains("behind a pooler"), "\(refused.all)")
            #expect(refused.text.contains("pool_mode = session"), "it says what to do: \(refused.all)")
            #expect(try await shop.query(shop.staging, "SELECT to_regclass('schema_migrations') IS NULL") == "t")
            let locks = try await shop.query(shop.staging, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
            #expect(locks == "0", "no lock is left with a stranger's session")

            // The ledger is still the pooled one.
            let retried = try await shop.shipit("retry", run(in: refused.text), adding: state)
            #expect(retried.code == 0, "\(retried.all)")
            #expect(try await shop.shipit("audit", "verify", adding: state).code == 0)
        }
    }
}
