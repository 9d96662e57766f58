import Hashing
import Pipeline
import Postgres

/// A token as lists show it, without anything of its secret; times in milliseconds since 1970.
struct Token: Encodable, Sendable {
    /// What it is known by.
    let id: String
    /// Whom or what it is for: the actor of what it records.
    let name: String
    let project: String
    let role: Role
    let created: Int64
    /// Who made it.
    let by: String
    let expires: Int64
    let revoked: Int64?
    /// When it was last used, to the minute.
    let used: Int64?
}

/// The tokens in the service's own database.
struct Tokens: Sendable {
    /// Why a token does not open anything.
    enum Fault: Error {
        /// There is none of this id and secret.
        case unknown
        case expired
        case revoked
        /// Good, for another project.
        case foreign
    }

    private static let columns = """
        id, name, project, role, \(milliseconds("created_at")), created_by, \(milliseconds("expires_at")), \
        \(milliseconds("revoked_at")), \(milliseconds("used_at"))
        """

    let database: Database

    /// How long whoever changed something is told nothing that may be older: what they began takes a while, and a replica is then as far
    /// behind as it may be (`PostgresReplica.Limits.age`).
    private static let memory = "interval '15 seconds'"

    /// The token of this text, if it is good in `project` now; remembers that it was used.
    ///
    /// - Parameters:
    ///   - text: the token as it was sent.
    ///   - project: what it must be for.
    ///   - asksChanges: whether it is looked up if something was changed with it lately, through whatever process of the API.
    func check(
        _ text: TokenText, in project: String, andChanges asksChanges: Bool = false
    ) async throws -> (token: Token, hasChanged: Bool) {
        let hasChanged = "EXISTS (SELECT FROM api_accesses AS a WHERE a.token = api_tokens.id AND a.at > now() - \(Self.memory))"
        let rows = try await database.rows(
            """
            SELECT \(Self.columns), sum, expires_at <= now(), revoked_at IS NOT NULL,
                used_at IS NULL OR used_at < now() - interval '1 minute', \(asksChanges ? hasChanged : "false")
            FROM api_tokens WHERE id = $1
            """, [.text(text.id)])
        guard let row = rows.first, let token = Token(row), let sum = row.bytes(9), text.matches(sum) else {
            throw Fault.unknown
        }
        if row.boolean(11) == true { throw Fault.revoked }
        if row.boolean(10) != false { throw Fault.expired }
        guard token.project == project else { throw Fault.foreign }
        if row.boolean(12) == true {
            _ = try await database.rows("UPDATE api_tokens SET used_at = now() WHERE id = $1", [.text(text.id)])
        }
        return (token, row.boolean(13) == true)
    }

    /// The hashes of those tokens among `ids` that are good in `project` now, by id.
    func sums(of ids: Set<String>, in project: String) async throws(PostgresError) -> [String: [UInt8]] {
        let rows = try await database.rows(
            "SELECT id, sum FROM api_tokens WHERE id = ANY($1) AND project = $2 AND expires_at > now() AND revoked_at IS NULL",
            [.texts(Array(ids)), .text(project)])
        return Dictionary(rows.compactMap { row in row.text(0).flatMap { id in row.bytes(1).map { (id, $0) } } }) { $1 }
    }

    /// Makes a token; its text is told now and never again.
    func create(
        _ name: String, _ role: Role, in project: String, for life: TimeSpan, by: String
    ) async throws(PostgresError) -> (token: Token, text: TokenText) {
        let text = TokenText.random()
        let rows = try await database.rows(
            """
            INSERT INTO api_tokens (id, sum, name, project, role, created_by, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 millisecond')
            ON CONFLICT (id) DO UPDATE SET id = excluded.id WHERE api_tokens.sum = excluded.sum
            RETURNING \(Self.columns)
            """,
            [
                .text(text.id), .bytes(text.sum.bytes), .text(name), .text(project), .text(role.rawValue), .text(by),
                .integer(life.milliseconds),
            ])
        guard let token = rows.first.flatMap(Token.init) else {
            throw PostgresError(.other, "The database did not say that it kept the token.")
        }
        return (token, text)
    }

    /// What is said to have made a workflow's token.
    static func maker(repository: String, run: String) -> String { "github \(repository) run \(run)" }

    /// Tokens, newest first, and where the list goes on.
    ///
    /// - Parameters:
    ///   - project: whose; nil for those of all projects.
    ///   - hasAll: whether those are among them that have expired or were revoked.
    ///   - limit: how many at most.
    ///   - place: behind which token they begin; nil for the newest.
    func list(
        of project: String?, all hasAll: Bool, limit: Int, before place: TokenPlace?
    ) async throws(PostgresError) -> (tokens: [Token], next: TokenPlace?) {
        let found = try await database.rows(
            """
            SELECT \(Self.columns), floor(extract(epoch FROM created_at) * 1000000)::bigint FROM api_tokens
            WHERE ($1::text IS NULL OR project = $1) AND ($2 OR (revoked_at IS NULL AND expires_at > now()))
                AND ($3::bigint IS NULL OR (created_at, id) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4))
            ORDER BY created_at DESC, id DESC LIMIT $5
            """,
            [
                project.map(Value.text) ?? .null, .text(hasAll ? "true" : "false"), place.map { .integer($0.made) } ?? .null,
                .text(place?.id ?? ""), .integer(Int64(limit) + 1),
            ]
        ).compactMap { row in
            Token(row).flatMap { token in row.integer(9).map { (token, TokenPlace(made: $0, id: token.id)) } }
        }.page(limit)
        return (found.page.map(\.0), found.hasMore ? found.page.last?.1 : nil)
    }

    /// Makes a token worthless; nil when there is none of this id in the project, or in any when none is named.
    func revoke(_ id: String, of project: String?) async throws(PostgresError) -> Token? {
        try await database.rows(
            """
            UPDATE api_tokens SET revoked_at = coalesce(revoked_at, now())
            WHERE id = $1 AND ($2::text IS NULL OR project = $2) RETURNING \(Self.columns)
            """, [.text(id), project.map(Value.text) ?? .null]
        ).first.flatMap(Token.init)
    }
}

extension Token {
    fileprivate init?(_ row: Row) {
        guard let id = row.text(0), let name = row.text(1), let project = row.text(2),
            let role = row.text(3).flatMap(Role.init), let created = row.integer(4), let by = row.text(5),
            let expires = row.integer(6)
        else { return nil }
        self.init(
            id: id, name: name, project: project, role: role, created: created, by: by, expires: expires,
            revoked: row.integer(7), used: row.integer(8))
    }
}
