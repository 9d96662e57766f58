import FoundationEssentials
import Journal
import Postgres
import Storing

/// What a ledger in PostgreSQL does with leases; each call may be repeated when its answer was lost.
extension Connection {
    private static let columns = "token, holder, acquired, expires"

    /// Grants the lease unless somebody else's is alive.
    ///
    /// The time is taken before the row's lock is waited for, so that an end is never seen too early.
    func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) async throws -> LeaseAnswer {
        let written = Value.text(String(decoding: try JSONEncoder().encode(holder), as: UTF8.self))
        let isMine = """
            old.holder ->> 'id' = EXCLUDED.holder ->> 'id' AND old.holder ->> 'user' = EXCLUDED.holder ->> 'user' \
            AND old.expires > EXCLUDED.acquired
            """
        // A lease that was in the way may end before it is read.
        for _ in 0..<10 {
            let granted = try await rows(
                """
                WITH former AS (SELECT token, holder FROM shipit.leases WHERE resource = $1)
                INSERT INTO shipit.leases AS old (resource, token, holder, acquired, expires)
                SELECT $1, 1, $2::jsonb, ms, ms + $3 FROM (SELECT \(Self.now) AS ms OFFSET 0) AS clock
                ON CONFLICT (resource) DO UPDATE SET
                    token = CASE WHEN \(isMine) THEN old.token ELSE old.token + 1 END,
                    holder = CASE WHEN \(isMine) THEN old.holder ELSE EXCLUDED.holder END,
                    acquired = CASE WHEN \(isMine) THEN old.acquired ELSE EXCLUDED.acquired END,
                    expires = CASE WHEN \(isMine) THEN greatest(old.expires, EXCLUDED.expires) ELSE EXCLUDED.expires END
                WHERE old.holder IS NULL OR old.expires <= EXCLUDED.acquired OR \(isMine)
                RETURNING \(Self.columns), (SELECT former.holder FROM former WHERE former.token + 1 = old.token)
                """, [.text(resource), written, .integer(ttl.milliseconds)])
            if let row = granted.first {
                return .granted(try Lease(resource, row), from: try row.text(4).map { try LeaseHolder(json: $0, of: resource) })
            }
            if let other = try await lease(on: resource) { return .held(other) }
        }
        throw StoreError(.busy, "The lease on \(resource) changes hands faster than it can be read; try again.")
    }

    /// Moves the lease's end.
    func renew(_ lease: Lease, ttl: Duration) async throws -> Lease {
        let renewed = try await rows(
            """
            UPDATE shipit.leases
            SET expires = CASE WHEN expires = $4 THEN \(Self.now) + $3 ELSE greatest(expires, \(Self.now) + $3) END
            WHERE resource = $1 AND token = $2 AND holder ->> 'user' = $5 RETURNING \(Self.columns)
            """,
            [
                .text(lease.resource), .integer(lease.token), .integer(ttl.milliseconds), .integer(lease.expires),
                .text(lease.holder.user),
            ])
        guard let row = renewed.first else {
            throw StoreError.leaseLost(lease, heldBy: try await self.lease(on: lease.resource))
        }
        return try Lease(lease.resource, row)
    }

    /// Frees the resource if the lease is still the newest on it.
    func release(_ lease: Lease) async throws {
        _ = try await rows(
            "UPDATE shipit.leases SET holder = NULL WHERE resource = $1 AND token = $2 AND holder ->> 'user' = $3",
            [.text(lease.resource), .integer(lease.token), .text(lease.holder.user)])
    }

    /// The live lease on `resource`.
    func lease(on resource: String) async throws -> Lease? {
        try await rows(
            """
            SELECT \(Self.columns) FROM shipit.leases
            WHERE resource = $1 AND holder IS NOT NULL AND expires > \(Self.now)
            """, [.text(resource)]
        ).first.map { try Lease(resource, $0) }
    }

    /// Reads the leases on `resources`, expired or not, and locks them until the transaction ends, in the order of their names.
    ///
    /// Appends under one lease do not wait for each other; whoever would take it over waits for all of them.
    static func locked(_ resources: [String]) -> Statement {
        Statement(
            """
            SELECT \(columns), resource FROM shipit.leases
            WHERE resource = ANY($1) AND holder IS NOT NULL ORDER BY resource FOR SHARE
            """, [.texts(resources)], isKept: true)
    }

    /// What `locked` found, by resource.
    static func leases(_ found: QueryResult) throws -> [String: Lease] {
        var leases: [String: Lease] = [:]
        for row in found.rows {
            let resource = row.text(4) ?? ""
            leases[resource] = try Lease(resource, row)
        }
        return leases
    }

    /// The server's time.
    func time() async throws -> Int64 {
        guard let now = try await rows("SELECT \(Self.now)").first?.integer(0) else {
            throw StoreError(.failed, "The server did not tell its time.")
        }
        return now
    }
}

extension Lease {
    /// Reads token, holder and the two times.
    fileprivate init(_ resource: String, _ row: Row) throws {
        guard let token = row.integer(0), let text = row.text(1), let acquired = row.integer(2), let expires = row.integer(3)
        else { throw StoreError.unreadableLease(resource) }
        let holder = try LeaseHolder(json: text, of: resource)
        self.init(resource: resource, token: token, holder: holder, acquired: acquired, expires: expires)
    }
}

extension LeaseHolder {
    fileprivate init(json: String, of resource: String) throws {
        guard let holder = try? JSONDecoder().decode(LeaseHolder.self, from: Data(json.utf8)) else {
            throw StoreError.unreadableLease(resource)
        }
        self = holder
    }
}

extension StoreError {
    fileprivate static func unreadableLease(_ resource: String) -> StoreError {
        StoreError(.corrupt, "The lease on \(resource) cannot be read; restore the ledger.")
    }
}
