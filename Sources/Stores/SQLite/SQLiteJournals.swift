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
        return try zip(request.batch, heads).map { try write($0, after: $1, at: now) }
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
            summary: part.summary ?? old?.summary, updated: now)
        let update = try cachedStatement(
            sql: "INSERT OR REPLACE INTO journals(name, position, hash, summary, updated) VALUES (?, ?, ?, ?, ?)")
        try update.execute(arguments: [
            head.journal.description, head.position, Data(head.hash.bytes), head.summary.map { Data($0) }, head.updated,
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

    /// The newest end of `journal`.
    func head(of journal: JournalName) throws -> Head? {
        let select = try cachedStatement(sql: "SELECT name, position, hash, summary, updated FROM journals WHERE name = ?")
        return try Row.fetchOne(select, arguments: [journal.description]).map(Head.init(row:))
    }

    /// At most `limit` heads of one kind, greatest name first.
    func heads(of kind: JournalName.Kind, before: String?, limit: Int) throws -> [Head] {
        let select = try cachedStatement(
            sql: """
                SELECT name, position, hash, summary, updated FROM journals
                WHERE name >= ? AND name < ? ORDER BY name DESC LIMIT ?
                """)
        // "0" is the character after "/", so that this is the end of all names of the kind.
        let end = before.map { "\(kind.rawValue)/\($0)" } ?? "\(kind.rawValue)0"
        return try Row.fetchAll(select, arguments: ["\(kind.rawValue)/", end, max(limit, 0)]).map(Head.init(row:))
    }
}

extension Head {
    /// Reads name, position, hash, summary and update time.
    fileprivate init(row: Row) throws {
        let text: String = row[0]
        guard let journal = JournalName(text) else {
            throw StoreError(
                .corrupt, "The ledger holds a journal called \(text.debugDescription), which shipit cannot have written.")
        }
        self.init(
            journal: journal, position: row[1], hash: try row.sum(2, of: journal),
            summary: (row[3] as Data?).map { Array($0) }, updated: row[4])
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
