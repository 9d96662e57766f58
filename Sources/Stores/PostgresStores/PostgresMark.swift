import Journal
import Postgres

/// How far a primary had come when it was asked: who has come as far has all that was acknowledged by then.
///
/// Needs no clocks that agree, and no right beyond connecting. What a standby says of itself would not do: the time of the last
/// transaction it replayed is old where nobody writes, and that it replayed all it received is also true when nothing reaches it any more.
struct PostgresMark: Sendable, Hashable {
    /// That a server has not come as far; it may in a moment.
    struct Ahead: Error {}

    private let system: Int64
    private let started: Int64
    private let database: String
    private let position: String

    /// When this server process started, in microseconds since 1970, as SQL.
    private static let start = "(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint"

    /// Asks the primary of this session.
    init(_ connection: Connection) async throws {
        let row = try await connection.rows(
            keeping: """
                SELECT system_identifier, \(Self.start), current_database(), pg_current_wal_flush_lsn()::text FROM pg_control_system()
                """, []
        ).first
        guard let row, let system = row.integer(0), let started = row.integer(1), let database = row.text(2),
            let position = row.text(3)
        else { throw StoreError(.failed, "The server did not tell how far it has come.") }
        (self.system, self.started, self.database, self.position) = (system, started, database, position)
    }

    /// Asks a server whether it has the database of the mark, and has come as far.
    ///
    /// A standby of the same system has, once it has replayed as much. Of servers that are written to only the primary itself has: one
    /// that was promoted, or begun from a copy, went a way of its own.
    fileprivate var question: Statement {
        Statement(
            """
            SELECT system_identifier = $1 AND current_database() = $2 AND (pg_is_in_recovery() OR \(Self.start) = $3),
                NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= $4::pg_lsn
            FROM pg_control_system()
            """, [.integer(system), .text(database), .integer(started), .text(position)], isKept: true)
    }
}

extension Connection {
    /// Runs one statement that is run again and again, on a server that has come as far as `mark` where one is given.
    ///
    /// Asked in the same round trip, and so of the same server where several answer at one address.
    func rows(keeping sql: String, _ values: [Value], since mark: PostgresMark?) async throws -> [Row] {
        guard let mark else { return try await rows(keeping: sql, values) }
        let results = try await query(
            pipeline: [mark.question, Statement(sql, values, isKept: true)], timeout: Self.patience)
        guard let answer = results.first?.rows.first, answer.boolean(0) == true else {
            throw StoreError(
                .failed,
                """
                This is no replica of the ledger: it holds another database, or is written to itself. Name a standby of the ledger's \
                server, and the same database.
                """)
        }
        guard answer.boolean(1) == true else { throw PostgresMark.Ahead() }
        return results.last?.rows ?? []
    }
}
