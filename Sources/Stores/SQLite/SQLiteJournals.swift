import FoundationEssentials
import GRDB
import Hashing
import Journal

/// What a ledger in SQLite does with journals inside one transaction.
extension Database {
    /// Checks leases and positions, and writes only when all of them are right; throws `StoreError` before the first write.
    func append(_ request: AppendRequest, at now: Int64) throws -> [Head] {
        for lease in request.leases {
            let stored = try self.lease(on: lease.resource)
            guard let stored, stored.covers(lease, at: now) else {
                throw StoreError.leaseLost(lease, heldBy: stored.flatMap { $0.expires > now ? $0 : nil })
            }
        }
        let heads = try request.batch.map { part in
            let head = try head(of: part.journal)
            guard head?.position ?? 0 == part.expected else {
                throw StoreError.conflict(part.journal, expected: part.expected, actual: head?.position ?? 0)
            }
            return head
        }
        let removals = request.batch.flatMap(\.removing)
        for removal in removals {
            let head = try head(of: removal.journal)
            guard let head, head.mark == removal.end else {
                throw StoreError.conflict(removal.journal, expected: removal.end.position, actual: head?.position ?? 0)
            }
        }
        for removal in removals { try remove(removal.journal) }
        return try zip(request.batch, heads).map { try write($0, after: $1, at: now) }
    }

    private func remove(_ journal: JournalName) throws {
        for (table, column) in [("entries", "journal"), ("journals", "name")] {
            try cachedStatement(sql: "DELETE FROM \(table) WHERE \(column) = ?").execute(arguments: [journal.description])
        }
    }

    private func write(_ part: Append, after old: Head?, at now: Int64) throws -> Head {
        let entries = Chain.extend(part.journal, after: (old?.position ?? 0, old?.hash ?? .zero), bodies: part.bodies)
        let insert = try cachedStatement(
            sql: "INSERT INTO entries(journal, position, body, previous, hash) VALUES (?, ?, ?, ?, ?)")
        for entry in entries {
            try insert.execute(arguments: [
                entry.journal.description, entry.position, Data(entry.body), Data(entry.previous.bytes), Data(entry.hash.bytes),
            ])
        }
        let head = Head(
            journal: part.journal, position: part.expected + Int64(entries.count), hash: entries.last?.hash ?? .zero,
            summary: part.summary ?? old?.summary, isWaiting: part.isWaiting ?? old?.isWaiting ?? false, updated: now)
        let update = try cachedStatement(
            sql: "INSERT OR REPLACE INTO journals(name, position, hash, summary, updated, waiting) VALUES (?, ?, ?, ?, ?, ?)")
        try update.execute(arguments: [
            head.journal.description, head.position, Data(head.hash.bytes), head.summary.map { Data($0) }, head.updated,
            head.isWaiting,
        ])
        return head
    }

    /// At most `limit` entries after `position`.
    func entries(of journal: JournalName, after position: Int64, limit: Int) throws -> [Entry] {
        let select = try cachedStatement(
            sql: """
                SELECT position, body, previous, hash FROM entries
                WHERE journal = ? AND position > ? ORDER BY position LIMIT ?
                """)
        return try Row.fetchAll(select, arguments: [journal.description, position, max(limit, 0)]).map { row in
            Entry(
                journal: journal, position: row[0], body: Array(row[1] as Data),
                previous: try row.sum(2, of: journal), hash: try row.sum(3, of: journal))
        }
    }

    private static let headColumns = "name, position, hash, summary, updated, waiting"

    /// The newest end of `journal`.
    func head(of journal: JournalName) throws -> Head? {
        let select = try cachedStatement(sql: "SELECT \(Self.headColumns) FROM journals WHERE name = ?")
        return try Row.fetchOne(select, arguments: [journal.description]).map(Head.init(row:))
    }

    /// At most `limit` heads of one kind, greatest name first; of those only that wait for somebody when asked for.
    func heads(of kind: JournalName.Kind, before: String?, limit: Int, waiting: Bool = false) throws -> [Head] {
        let select = try cachedStatement(
            sql: """
                SELECT \(Self.headColumns) FROM journals
                WHERE name >= ? AND name < ?\(waiting ? " AND waiting = 1" : "") ORDER BY name DESC LIMIT ?
                """)
        // "0" is the character after "/", so that this is the end of all names of the kind.
        let end = before.map { "\(kind.rawValue)/\($0)" } ?? "\(kind.rawValue)0"
        return try Row.fetchAll(select, arguments: ["\(kind.rawValue)/", end, max(limit, 0)]).map(Head.init(row:))
    }
}

extension Head {
    /// Reads `headColumns`.
    fileprivate init(row: Row) throws {
        let text: String = row[0]
        guard let journal = JournalName(text) else {
            throw StoreError(
                .corrupt, "The ledger holds a journal called \(text.debugDescription), which shipit cannot have written.")
        }
        self.init(
            journal: journal, position: row[1], hash: try row.sum(2, of: journal),
            summary: (row[3] as Data?).map { Array($0) }, isWaiting: row[5], updated: row[4])
    }
}

extension Row {
    /// The hash in a column.
    fileprivate func sum(_ column: Int, of journal: JournalName) throws -> SHA256Sum {
        guard let sum = SHA256Sum(bytes: Array(self[column] as Data)) else {
            throw StoreError(.corrupt, "The journal \(journal) holds a hash that is not 32 bytes long; restore the ledger.")
        }
        return sum
    }
}
