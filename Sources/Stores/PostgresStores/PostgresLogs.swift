import Journal
import Postgres

/// What a ledger in PostgreSQL keeps of what stages print: pieces, each with the place where it begins.
struct PostgresLogs: LogStore {
    private let repeating: @Sendable (@Sendable (Connection) async throws -> [Row]) async throws(StoreError) -> [Row]

    /// Uses sessions that `repeating` lends, to work that may be done twice.
    init(_ repeating: @escaping @Sendable (@Sendable (Connection) async throws -> [Row]) async throws(StoreError) -> [Row]) {
        self.repeating = repeating
    }

    /// Makes the table.
    ///
    /// Its key keeps two who add at the same place from both doing so.
    static let table = """
        CREATE TABLE shipit.logs(
            run text COLLATE "C" NOT NULL,
            stage text COLLATE "C" NOT NULL,
            attempt bigint NOT NULL,
            start bigint NOT NULL,
            bytes bytea NOT NULL,
            PRIMARY KEY (run, stage, attempt, start)
        )
        """

    /// Removes what was kept of runs that go.
    static func delete(ofRuns runs: [String]) -> Statement {
        Statement("DELETE FROM shipit.logs WHERE run = ANY($1::text[])", [.texts(runs)])
    }

    /// See `LogStore.append`.
    ///
    /// A piece that is there already, as the last one, was added by the same call, whose answer was lost.
    func append(_ bytes: [UInt8], to log: LogName, at offset: Int64) async throws(StoreError) -> LogGrowth {
        guard (1...LogLimits.piece).contains(bytes.count), offset >= 0 else {
            throw StoreError(.failed, "A piece of a log has 1 to \(LogLimits.piece) bytes; this one has \(bytes.count).")
        }
        guard offset + Int64(bytes.count) <= LogLimits.log else {
            throw StoreError(.failed, "The log of \(log.stage) in run \(log.run) is full: it has \(LogLimits.log >> 20) MiB.")
        }
        let row = try await repeating { connection in
            try await connection.rows(
                keeping: """
                    WITH last AS (
                        SELECT start, octet_length(bytes) AS size, bytes FROM shipit.logs
                        WHERE run = $1 AND stage = $2 AND attempt = $3 ORDER BY start DESC LIMIT 1
                    ), added AS (
                        INSERT INTO shipit.logs(run, stage, attempt, start, bytes)
                        SELECT name, $2, $3, $4, $5 FROM shipit.journals
                        WHERE kind = 'run' AND name = $1 AND position > 0
                            AND $4 = coalesce((SELECT start + size FROM last), 0)
                        ON CONFLICT DO NOTHING RETURNING true
                    )
                    SELECT EXISTS (SELECT FROM added) OR coalesce((SELECT start = $4 AND bytes = $5 FROM last), false),
                        coalesce((SELECT start + size FROM last), 0),
                        EXISTS (SELECT FROM shipit.journals WHERE kind = 'run' AND name = $1 AND position > 0)
                    """, log.values + [.integer(offset), .bytes(bytes)])
        }.first
        guard let isThere = row?.boolean(0), let end = row?.integer(1), let isRun = row?.boolean(2) else {
            throw StoreError(.failed, "The server did not tell where the log of \(log.stage) in run \(log.run) ends.")
        }
        guard isRun else { throw StoreError(.failed, "There is no run \(log.run) whose log this could be.") }
        return isThere ? .added : .ends(at: end)
    }

    /// See `LogStore.sizes`.
    func sizes(ofRun run: String, stage: String?) async throws(StoreError) -> [LogName: Int64] {
        let rows = try await repeating { connection in
            try await connection.rows(
                keeping: """
                    SELECT DISTINCT ON (stage, attempt) stage, attempt, start + octet_length(bytes) FROM shipit.logs
                    WHERE run = $1\(stage == nil ? "" : " AND stage = $2") ORDER BY stage, attempt, start DESC
                    """, [.text(run)] + (stage.map { [.text($0)] } ?? []))
        }
        var sizes: [LogName: Int64] = [:]
        for row in rows {
            guard let stage = row.text(0), let attempt = row.integer(1), let size = row.integer(2) else { continue }
            sizes[LogName(run: run, stage: stage, attempt: Int(attempt))] = size
        }
        return sizes
    }

    /// See `LogStore.read`.
    func read(_ log: LogName, from offset: Int64, limit: Int) async throws(StoreError) -> [UInt8] {
        guard limit > 0, offset >= 0 else { return [] }
        let end = offset + Int64(limit)
        let rows = try await repeating { connection in
            // From the last piece that does not begin after the place on.
            try await connection.rows(
                keeping: """
                    SELECT start, bytes FROM shipit.logs
                    WHERE run = $1 AND stage = $2 AND attempt = $3 AND start < $5 AND start >= coalesce((
                        SELECT max(start) FROM shipit.logs WHERE run = $1 AND stage = $2 AND attempt = $3 AND start <= $4), 0)
                    ORDER BY start
                    """, log.values + [.integer(offset), .integer(end)])
        }
        var bytes: [UInt8] = []
        for row in rows {
            guard let start = row.integer(0), let piece = row.bytes(1) else { continue }
            let (first, last) = (max(0, offset - start), min(Int64(piece.count), end - start))
            if first < last { bytes += piece[Int(first)..<Int(last)] }
        }
        return bytes
    }
}

extension LogName {
    /// The columns that name a log.
    fileprivate var values: [Value] { [.text(run), .text(stage), .integer(Int64(attempt))] }
}
