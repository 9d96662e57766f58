import Logging
import Postgres
import ServiceLifecycle
import Serving

/// Lets go of what grows for ever in the service's own database: accesses after the time that a setting says, and the tokens that workflows
/// got a week after they ended.
///
/// A few rows at a time, with a pause: nobody who asks for something waits for it, and several processes share the work.
struct Retention: Service {
    private static let batch: Int64 = 500
    private static let pause = Duration.milliseconds(100)
    private static let interval = Duration.seconds(3600)

    let database: Database
    let project: String
    /// How many days accesses are kept.
    let days: Int
    let logger: Logger

    /// Looks once an hour, until the service stops.
    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                await clear()
                try await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Removes all that its time is over of.
    func clear() async {
        do throws(PostgresError) {
            // The oldest have the smallest numbers: an index on their times would be written with every access, and read once an hour.
            try await remove(
                """
                DELETE FROM api_accesses WHERE at < now() - $3 * interval '1 day' AND id IN (
                    SELECT id FROM api_accesses WHERE project = $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1
                """, [.integer(Int64(days))])
            try await remove(
                """
                DELETE FROM api_tokens WHERE id IN (
                    SELECT id FROM api_tokens WHERE project = $1 AND created_by LIKE $3 AND expires_at < now() - interval '7 days'
                    LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1
                """, [.text(Tokens.maker(repository: "%", run: "%"))])
        } catch {
            logger.warning("old accesses and tokens could not be removed: it is tried again in an hour", error: error)
        }
    }

    private func remove(_ sql: String, _ values: [Value]) async throws(PostgresError) {
        while try await !database.rows(sql, [.text(project), .integer(Self.batch)] + values).isEmpty {
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
        }
    }
}
