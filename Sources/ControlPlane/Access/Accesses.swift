import Postgres
import Serving

/// Somebody's access that changed something, or that was refused.
struct Access: Encodable, Sendable {
    let id: Int64
    /// When, in milliseconds since 1970.
    let at: Int64
    /// The id of the token, and its owner's name and role; missing when there was no good one.
    let token: String?
    let name: String?
    let role: String?
    let method: String
    let path: String
    /// The answer's status; missing while the work is under way, or when the service ended meanwhile.
    let status: Int64?
    let request: String
    /// Where it came from: `ServiceContext.address`.
    let address: String
}

/// The record of accesses in the service's own database.
struct Accesses: Sendable {
    /// What a path is cut to.
    private static let pathLength = 200

    let database: Database
    let project: String

    /// Writes an access down; without a status it is one that is only beginning.
    func begin(
        _ method: String, _ path: String, _ caller: Caller, status: Int?, context: ServiceContext
    ) async throws(PostgresError) -> Int64? {
        let token = caller.token
        func value(_ text: String?) -> Value { text.map(Value.text) ?? .null }
        return try await database.rows(
            """
            INSERT INTO api_accesses (project, token, name, role, method, path, status, request_id, address)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
            """,
            [
                .text(project), value(token?.id), value(token?.name), value(token?.role.rawValue), .text(method),
                // PostgreSQL keeps no zero byte in a text.
                .text(String(path.prefix(Self.pathLength).filter { $0 != "\0" })),
                status.map { .integer(Int64($0)) } ?? .null, .text(context.requestID), .text(context.address),
            ]
        ).first?.integer(0)
    }

    /// Writes down how an access ended.
    func end(_ id: Int64, status: Int) async throws(PostgresError) {
        _ = try await database.rows(
            "UPDATE api_accesses SET status = $2 WHERE id = $1", [.integer(id), .integer(Int64(status))])
    }

    /// The newest first, of those before `id` when one is given.
    func newest(_ count: Int, before id: Int64?) async throws(PostgresError) -> [Access] {
        try await database.rows(
            """
            SELECT id, \(milliseconds("at")), token, name, role, method, path, status, request_id, address
            FROM api_accesses WHERE project = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
            """, [.text(project), id.map(Value.integer) ?? .null, .integer(Int64(count))]
        ).compactMap { row in
            guard let id = row.integer(0), let at = row.integer(1), let method = row.text(5), let path = row.text(6),
                let request = row.text(8), let address = row.text(9)
            else { return nil }
            return Access(
                id: id, at: at, token: row.text(2), name: row.text(3), role: row.text(4), method: method, path: path,
                status: row.integer(7), request: request, address: address)
        }
    }
}
