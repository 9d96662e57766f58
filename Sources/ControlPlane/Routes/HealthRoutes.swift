import HTTPTypes
import Hummingbird
import Journal
import Logging
import Postgres
import Records
import Serving

/// Whether the service lives, and whether it can be of use.
struct HealthRoutes: Sendable {
    private struct Status: Encodable {
        let status: String
    }

    /// How long the ledger and the database may take to prove that they are there.
    private static let deadline = Duration.seconds(2)

    let source: LedgerSource
    /// The service's own; nil without one.
    let database: Database?

    /// Adds the routes at `/` and, for who comes through the page's service, at `/api`.
    func add(to routes: Routes) {
        let alive = JSON.response(Status(status: "alive"))
        for route in [Route.health, .healthBehindPage] { routes.on(route) { _ in alive } }
        for route in [Route.ready, .readyBehindPage] {
            routes.on(route) { try await ready($0.context) }
        }
    }

    private func ready(_ context: ServiceContext) async throws -> Response {
        let outcome = await within(Self.deadline) { [source, database] () -> Result<Void, any Error> in
            do {
                async let tables: Void? = database?.proveTables()
                _ = try await source.ledger().store.heads(of: .environment, before: nil, limit: 1)
                try await tables
                return .success(())
            } catch { return .failure(error) }
        }
        switch outcome {
        case .success: return JSON.response(Status(status: "ready"))
        case .failure(let error as PostgresError): throw context.unavailable(error)
        case .failure(let error): context.logger.warning("not ready", error: error)
        case nil: context.logger.warning("not ready: the ledger or the database did not answer within \(Self.deadline)")
        }
        throw Problem(.serviceUnavailable, "The ledger or the database does not answer; the log says why.", retryAfter: 2)
    }
}
