import Hashing
import Journal
import Postgres

/// What a ledger in PostgreSQL does with journals.
extension Connection {
    private static let columns = "kind, name, position, hash, summary, updated, waiting"

    /// Everything between begin and commit: locks, checks, writes.
    ///
    /// Returns the new heads in the order of the batch and the transaction's number, by which the server can be asked later
    /// what became of it; nil when nothing was written. Throws `StoreError` for the caller to roll back.
    func append(_ request: AppendRequest) async throws -> (heads: [Head], transaction: String?) {
        // In one order everywhere, so that no two transactions wait for each other: leases by name, then journals by name.
        for lease in request.leases.sorted(by: { $0.resource < $1.resource }) {
            let (stored, now) = try await locked(lease.resource)
            guard let stored, stored.covers(lease, at: now) else {
                throw StoreError.leaseLost(lease, heldBy: stored.flatMap { $0.expires > now ? $0 : nil })
            }
        }
        var heads: [JournalName: Head] = [:]
        var transaction: String?
        let steps =
            request.batch.map { ($0.journal, Step.append($0)) }
            + request.batch.flatMap(\.removing).map { ($0.journal, .remove($0)) }
        for (journal, step) in steps.sorted(by: { $0.0 < $1.0 }) {
            switch step {
            case .append(let part):
                let old = try await locked(journal, isNew: part.expected == 0)
                guard old?.position ?? 0 == part.expected else {
                    throw StoreError.conflict(journal, expected: part.expected, actual: old?.position ?? 0)
                }
                (heads[journal], transaction) = try await write(part, after: old)
            case .remove(let removal):
                let old = try await locked(journal, isNew: false)
                guard let old, old.mark == removal.end else {
                    throw StoreError.conflict(journal, expected: removal.end.position, actual: old?.position ?? 0)
                }
                for table in ["entries", "journals"] {
                    _ = try await rows("DELETE FROM shipit.\(table) WHERE kind = $1 AND name = $2", journal.values)
                }
            }
        }
        return (request.batch.compactMap { heads[$0.journal] }, transaction)
    }

    /// What an append does with one journal.
    private enum Step {
        case append(Append)
        case remove(Removal)
    }

    /// The journal's head, locked until the transaction ends; an empty row is made to be locked when it is to begin.
    private func locked(_ journal: JournalName, isNew: Bool) async throws -> Head? {
        if isNew {
            _ = try await rows(
                """
                INSERT INTO shipit.journals(kind, name, position, hash, updated) VALUES ($1, $2, 0, $3, 0)
                ON CONFLICT DO NOTHING
                """, journal.values + [.bytes(SHA256Sum.zero.bytes)])
        }
        return try await rows(
            "SELECT \(Self.columns) FROM shipit.journals WHERE kind = $1 AND name = $2 FOR UPDATE", journal.values
        ).first.map(Head.init(row:))
    }

    private func write(_ part: Append, after old: Head?) async throws -> (Head, transaction: String?) {
        let entries = Chain.extend(part.journal, after: (old?.position ?? 0, old?.hash ?? .zero), bodies: part.bodies)
        // A statement takes at most 65,535 parameters.
        for start in stride(from: 0, to: entries.count, by: 1000) {
            var (tuples, values): ([String], [Value]) = ([], part.journal.values)
            for entry in entries[start..<min(start + 1000, entries.count)] {
                let last = values.count
                tuples.append("($1, $2, $\(last + 1), $\(last + 2), $\(last + 3), $\(last + 4))")
                values += [
                    .integer(entry.position), .bytes(entry.body), .bytes(entry.previous.bytes), .bytes(entry.hash.bytes),
                ]
            }
            let sql = "INSERT INTO shipit.entries(kind, name, position, body, previous, hash) VALUES "
            _ = try await rows(sql + tuples.joined(separator: ", "), values)
        }
        let row = try await rows(
            """
            UPDATE shipit.journals
            SET position = $3, hash = $4, summary = coalesce($5, summary), waiting = coalesce($6, waiting), updated = \(Self.now)
            WHERE kind = $1 AND name = $2
            RETURNING \(Self.columns), pg_current_xact_id()::text, pg_notify('shipit', kind || '/' || name)
            """,
            part.journal.values + [
                .integer(part.expected + Int64(entries.count)), .bytes(entries.last?.hash.bytes ?? []),
                part.summary.map { .bytes($0) } ?? .null, part.isWaiting.map { .text("\($0)") } ?? .null,
            ]
        ).first
        guard let row else { throw StoreError(.corrupt, "The journal \(part.journal) went away while it was written to.") }
        return (try Head(row: row), row.text(7))
    }

    /// Whether the transaction of this number made `heads`; waits while the server still works on it.
    ///
    /// The number alone would not do after a fail-over to a server that knows another transaction by it.
    func committed(_ transaction: String, _ heads: [Head]) async throws -> Bool {
        for _ in 0..<100 {
            let status: String?
            do throws(PostgresError) {
                status = try await rows("SELECT pg_xact_status($1::xid8)", [.text(transaction)]).first?.text(0)
            } catch {
                // A number this server has not come to yet.
                guard error.sqlState == "22023" else { throw error }
                return false
            }
            if status == "in progress" {
                try await Task.sleep(for: .milliseconds(50))
                continue
            }
            guard status == "committed", let head = heads.first else { return false }
            let entry = try await entries(of: head.journal, after: head.position - 1, limit: 1).first
            return entry?.hash == head.hash
        }
        throw StoreError(
            .unreachable, "The connection was lost during an append, and the server still works on it. Read the journal again.")
    }

    /// At most `limit` entries after `position`.
    func entries(of journal: JournalName, after position: Int64, limit: Int) async throws -> [Entry] {
        try await rows(
            """
            SELECT position, body, previous, hash FROM shipit.entries
            WHERE kind = $1 AND name = $2 AND position > $3 ORDER BY position LIMIT $4
            """, journal.values + [.integer(position), .integer(Int64(max(limit, 0)))]
        ).map { row in
            guard let position = row.integer(0), let body = row.bytes(1), let previous = row.sum(2), let hash = row.sum(3) else {
                throw StoreError(.corrupt, "The journal \(journal) holds an entry that cannot be read; restore the ledger.")
            }
            return Entry(journal: journal, position: position, body: body, previous: previous, hash: hash)
        }
    }

    /// The newest end of `journal`.
    func head(of journal: JournalName) async throws -> Head? {
        try await rows("SELECT \(Self.columns) FROM shipit.journals WHERE kind = $1 AND name = $2", journal.values)
            .first.map(Head.init(row:))
    }

    /// At most `limit` heads of one kind, greatest name first; of those only that wait for somebody when asked for.
    func heads(of kind: JournalName.Kind, before: String?, limit: Int, waiting: Bool = false) async throws -> [Head] {
        try await rows(
            """
            SELECT \(Self.columns) FROM shipit.journals
            WHERE kind = $1 AND ($2::text IS NULL OR name < $2)\(waiting ? " AND waiting" : "") ORDER BY name DESC LIMIT $3
            """, [.text(kind.rawValue), before.map { .text($0) } ?? .null, .integer(Int64(max(limit, 0)))]
        ).map(Head.init(row:))
    }
}

extension JournalName {
    /// The two columns that name a journal.
    fileprivate var values: [Value] { [.text(kind.rawValue), .text(name)] }
}

extension Head {
    /// Reads kind, name, position, hash, summary, update time and whether it waits.
    fileprivate init(row: Row) throws(StoreError) {
        let name = "\(row.text(0) ?? "")/\(row.text(1) ?? "")"
        guard let journal = JournalName(name), let position = row.integer(2), let hash = row.sum(3), let updated = row.integer(5),
            let isWaiting = row.boolean(6)
        else {
            throw StoreError(
                .corrupt, "The ledger holds a journal \(name.debugDescription) that shipit cannot have written; restore it.")
        }
        self.init(journal: journal, position: position, hash: hash, summary: row.bytes(4), isWaiting: isWaiting, updated: updated)
    }
}

extension Row {
    /// The hash in a column.
    fileprivate func sum(_ column: Int) -> SHA256Sum? {
        bytes(column).flatMap { SHA256Sum(bytes: $0) }
    }
}
