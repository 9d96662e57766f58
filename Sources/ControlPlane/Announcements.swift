import HTTPTypes
import Hummingbird
import Logging
import Postgres
import Serving

/// A message from the operators, which the page shows as a banner.
struct Announcement: Encodable, Sendable {
    let id: Int64
    let message: String
    /// When, in milliseconds since 1970.
    let at: Int64
}

/// The announcements in the service's own database: the table that this repository's migrations make.
actor Announcements {
    /// How long a statement, or opening a session, may take.
    private static let deadline = Duration.seconds(2)

    private let url: DatabaseURL?
    private var connection: Connection?

    /// Announcements in the database at `url`; without one there are none.
    init(_ url: DatabaseURL?) {
        self.url = url
    }

    /// The newest, newest first; none before the table was made.
    func newest(_ count: Int) async throws(PostgresError) -> [Announcement] {
        guard let url else { return [] }
        do throws(PostgresError) {
            let answer = try await session(url).query(
                """
                SELECT id, message, (extract(epoch FROM published_at) * 1000)::bigint
                FROM announcements ORDER BY id DESC LIMIT $1
                """, [.integer(Int64(count))], timeout: Self.deadline)
            return answer.rows.compactMap { row in
                guard let id = row.integer(0), let message = row.text(1), let at = row.integer(2) else { return nil }
                return Announcement(id: id, message: message, at: at)
            }
        } catch {
            // undefined_table: the database is not migrated yet.
            if error.sqlState == "42P01" { return [] }
            throw error
        }
    }

    /// Ends the session.
    func close() async {
        await connection?.close()
        connection = nil
    }

    private func session(_ url: DatabaseURL) async throws(PostgresError) -> Connection {
        if let connection, await connection.isOpen { return connection }
        let fresh = try await Connection(url, applicationName: "shipit api", connectTimeout: Self.deadline)
        connection = fresh
        return fresh
    }
}

extension Announcements {
    nonisolated func add(to api: RouterGroup<ServiceContext>) {
        api.get("announcements") { [self] request, context in
            let limit = try request.limit(default: 3)
            do throws(PostgresError) {
                return JSON.response(Lists.Announcements(announcements: try await newest(limit)))
            } catch {
                context.logger.error("the database has no answer", error: error)
                throw Problem(.serviceUnavailable, "The database does not answer now; the log says why.", retryAfter: 2)
            }
        }
    }
}
