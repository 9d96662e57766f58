public import Foundation
import Peers

/// A PgBouncer in front of the tests' PostgreSQL server, started when it is first needed; it ends with this process.
public final class PostgresPooler: Sendable {
    /// Lends a session for one transaction at a time.
    public static let transactions = PostgresPooler(mode: "transaction")
    /// Lends whole sessions.
    public static let sessions = PostgresPooler(mode: "session")

    private let starting: Task<Peer, any Error>

    private init(mode: String) {
        starting = Task { try Peer([Peer.support("pgbouncer"), try await PostgresServer.url.string ?? "", mode]) }
    }

    /// The URL of a database as it is reached through the pooler.
    public func through(_ url: URLComponents) async throws -> URLComponents {
        var pooled = url
        pooled.port = try await starting.value.facts["port"].flatMap { Int($0) }
        return pooled
    }
}
