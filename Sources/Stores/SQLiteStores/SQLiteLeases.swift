import GRDB
import Journal
import Storing

/// What a ledger in SQLite does with leases inside one transaction.
extension Database {
    /// The lease on `resource`, expired or not; nil when it was released or never taken.
    func lease(on resource: String) throws -> Lease? {
        let select = try cachedStatement(
            sql: """
                SELECT token, holder, host, account, process, purpose, acquired, expires FROM leases
                WHERE resource = ? AND holder IS NOT NULL
                """)
        return try Row.fetchOne(select, arguments: [resource]).map { row in
            Lease(
                resource: resource, token: row[0],
                holder: LeaseHolder(id: row[1], host: row[2], user: row[3], process: row[4], purpose: row[5]),
                acquired: row[6], expires: row[7])
        }
    }

    /// Grants the lease unless somebody else's is alive.
    func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration, at now: Int64) throws -> LeaseAnswer {
        let former = try lease(on: resource)
        if let lease = former, lease.expires > now {
            guard lease.holder.id == holder.id, lease.holder.user == holder.user else { return .held(lease) }
            let longer = max(ttl, .milliseconds(lease.expires - now))
            return .granted(try renew(lease, ttl: longer, at: now), from: nil)
        }
        try execute(
            sql: """
                INSERT INTO leases(resource, token, holder, host, account, process, purpose, acquired, expires)
                VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                ON CONFLICT(resource) DO UPDATE SET token = token + 1, holder = ?2, host = ?3, account = ?4, process = ?5,
                    purpose = ?6, acquired = ?7, expires = ?8
                """,
            arguments: [
                resource, holder.id, holder.host, holder.user, holder.process, holder.purpose, now, now + ttl.milliseconds,
            ])
        guard let lease = try lease(on: resource) else {
            throw StoreError(.failed, "The lease on \(resource) was written and cannot be read.")
        }
        return .granted(lease, from: former?.holder)
    }

    /// Moves the lease's end.
    func renew(_ lease: Lease, ttl: Duration, at now: Int64) throws -> Lease {
        try execute(
            sql: """
                UPDATE leases SET expires = iif(expires = ?2, ?1, max(expires, ?1))
                WHERE resource = ?3 AND token = ?4 AND account = ?5 AND holder IS NOT NULL
                """,
            arguments: [now + ttl.milliseconds, lease.expires, lease.resource, lease.token, lease.holder.user])
        let stored = try self.lease(on: lease.resource)
        guard let stored, stored.token == lease.token, stored.holder.user == lease.holder.user else {
            throw StoreError.leaseLost(lease, heldBy: stored.flatMap { $0.expires > now ? $0 : nil })
        }
        return stored
    }

    /// Frees the resource if the lease is still the newest on it.
    func release(_ lease: Lease) throws {
        try execute(
            sql: "UPDATE leases SET holder = NULL WHERE resource = ? AND token = ? AND account = ?",
            arguments: [lease.resource, lease.token, lease.holder.user])
    }
}
