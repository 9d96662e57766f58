import FoundationEssentials
import GRDB
import Hashing
import Journal
import Storing

/// What a ledger in SQLite does with journals inside one transaction.
extension Database {
    /// What a request finds that is the next to be written.
    func ground(of request: AppendRequest, at now: Int64) throws -> AppendGround {
        var ground = AppendGround(now: now)
        for lease in request.leases { ground.leases[lease.resource] = try self.lease(on: lease.resource) }
        for journal in request.journals { ground.heads[journal] = try head(of: journal) }
        return ground
    }

    /// Writes a plan that was made on the ground of this transaction.
    func write(_ plan: AppendPlan) throws {
        for journal in plan.removals {
            for (table, column) in [("entries", "journal"), ("journals", "name")] {
                try cachedStatement(sql: "DELETE FROM \(table) WHERE \(column) = ?").execute(arguments: [journal.description])
            }
        }
        let insert = try cachedStatement(
            sql: "INSERT INTO entries(journal, position, body, previous, hash) VALUES (?, ?, ?, ?, ?)")
        for entry in plan.entries {
            try insert.execute(arguments: [
                entry.journal.description, entry.position, Data(entry.body), Data(entry.previous.bytes), Data(entry.hash.bytes),
            ])
        }
        let update = try cachedStatement(
            sql: "INSERT OR REPLACE INTO journals(name, position, hash, summary, updated, waiting) VALUES (?, ?, ?, ?, ?, ?)")
        for head in plan.heads {
            try update.execute(arguments: [
                head.journal.description, head.position, Data(head.hash.bytes), head.summary.map { Data($0) }, head.updated,
                head.isWaiting,
            ])
        }
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
