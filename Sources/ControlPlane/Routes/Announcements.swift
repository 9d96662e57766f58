import Hummingbird
import Postgres
import Serving

/// A message from the operators, which the page shows as a banner.
struct Announcement: Encodable, Sendable {
    let id: Int64
    let message: String
    /// When, in milliseconds since 1970.
    let at: Int64
}

/// The announcements in the service's own database; without one there are none.
struct Announcements: Sendable {
    let database: Database?
    private let looks = Looks()

    /// Answers from what operators wrote into `database`.
    init(database: Database?) {
        self.database = database
    }

    func add(to routes: Routes) {
        routes.on(.announcements) { call in
            let limit = try call.request.limit(default: 3)
            do {
                let prepared = try await looks.answer(to: "\(limit)") {
                    JSON.Prepared(Lists.Announcements(announcements: try await newest(limit)))
                }
                return prepared.response(to: call.request)
            } catch {
                throw call.context.unavailable(error)
            }
        }
    }

    /// The newest, newest first; none before the table was made.
    private func newest(_ count: Int) async throws(PostgresError) -> [Announcement] {
        guard let database else { return [] }
        do throws(PostgresError) {
            return try await database.rows(
                "SELECT id, message, \(milliseconds("published_at")) FROM announcements ORDER BY id DESC LIMIT $1",
                [.integer(Int64(count))]
            ).compactMap { row in
                guard let id = row.integer(0), let message = row.text(1), let at = row.integer(2) else { return nil }
                return Announcement(id: id, message: message, at: at)
            }
        } catch {
            if error.isUnmigrated { return [] }
            throw error
        }
    }
}
