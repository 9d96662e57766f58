import Foundation
import Postgres
import PostgresServer
import Shops

/// The ledger as it lies there, read beside shipit and never through it.
enum LedgerWitness {
    /// A folder with `state.db`.
    case file(folder: String)
    case database(URLComponents)

    /// What tells shipit of it.
    var variables: [String: String] {
        switch self {
        case .file: [:]
        case .database(let url): ["SHIPIT_STATE": url.string ?? ""]
        }
    }

    /// Entries' hashes by `JOURNAL POSITION`, and the sort of each journal's newest event.
    struct Reading {
        var hashes: [String: String] = [:]
        /// The newest run.
        var run: Run?
    }

    /// A run by its journal.
    struct Run {
        var id: String
        var length = 0
        /// The newest event's name, with its stage.
        var event = ""
        /// The stages whose newest event is a failure.
        var failed: Set<String> = []
    }

    /// Reads everything.
    ///
    /// A file is copied first: opening it would tidy up what a killed shipit left, which is the next shipit's to do.
    func read() async throws -> Reading {
        var reading = Reading()
        let rows: [[String]]
        switch self {
        case .file(let folder):
            guard FileManager.default.fileExists(atPath: "\(folder)/state.db") else { return reading }
            let copy = NSTemporaryDirectory() + "shipit-chaos-" + UUID().uuidString
            defer { try? FileManager.default.removeItem(atPath: copy) }
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            for name in ["state.db", "state.db-wal"] where FileManager.default.fileExists(atPath: "\(folder)/\(name)") {
                try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(copy)/\(name)")
            }
            let query = """
                SELECT journal, position, hex(hash), iif(position > 1, CAST(body AS TEXT), '') FROM entries ORDER BY 1, 2
                """
            guard try await World.run("sqlite3", ["\(copy)/state.db", ".tables"]).contains("entries") else { return reading }
            rows = try await World.run("sqlite3", ["-separator", "\t", "\(copy)/state.db", query]).split(separator: "\n")
                .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        case .database(let url):
            guard
                try await PostgresServer.run("SELECT to_regclass('shipit.entries') IS NOT NULL", in: url).rows.first?.boolean(0)
                    == true
            else { return reading }
            rows = try await PostgresServer.run(
                """
                SELECT kind || '/' || name, position, encode(hash, 'hex'),
                    CASE WHEN position > 1 THEN convert_from(body, 'UTF8') ELSE '' END
                FROM shipit.entries ORDER BY 1, 2
                """, in: url
            ).rows.map { row in (0..<4).map { row.text($0) ?? "" } }
        }
        for row in rows where row.count == 4 {
            reading.hashes["\(row[0]) \(row[1])"] = row[2].lowercased()
            guard row[0].hasPrefix("run/") else { continue }
            let id = String(row[0].dropFirst(4))
            if reading.run?.id != id { reading.run = Run(id: id) }
            reading.run?.add(row[3], at: Int(row[1]) ?? 0)
        }
        return reading
    }

    /// Something that changes with every write to the ledger, and costs next to nothing to look at.
    ///
    /// Nil where it cannot be looked at but is told, see `writes`.
    private func mark() -> [Int] {
        guard case .file(let folder) = self else { return [] }
        return ["state.db", "state.db-wal"].flatMap { name in
            var status = stat()
            guard unsafe stat("\(folder)/\(name)", &status) == 0 else { return [0] }
            return [Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        }
    }

    /// Returns as soon as the ledger has been written to `count` times, or when the task is cancelled.
    func writes(_ count: Int) async throws {
        switch self {
        case .file:
            var seen = 0
            var last = mark()
            while seen < count {
                try await Task.sleep(for: .milliseconds(1))
                let now = mark()
                if now != last { seen += 1 }
                last = now
            }
        case .database(let url):
            let connection = try await Connection(
                DatabaseURL(url.string ?? ""), applicationName: "chaos", connectTimeout: .seconds(10))
            try await connection.listen("shipit")
            var heard = 0
            while heard < count { heard += try await connection.notifications(within: .seconds(60)).count }
            await connection.close()
        }
    }

    /// Cuts every session that a shipit has with the ledger's server, also those with the target database.
    func cutSessions(with target: URLComponents) async throws {
        var names = [target.path.dropFirst()]
        if case .database(let url) = self { names.append(url.path.dropFirst()) }
        for name in names {
            try await PostgresServer.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'shipit%'",
                [.text(String(name))])
        }
    }
}

extension LedgerWitness.Run {
    /// Reads an event in its stored form.
    fileprivate mutating func add(_ body: String, at position: Int) {
        length = position
        guard let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any],
            let (name, content) = (object["event"] as? [String: Any])?.first
        else {
            event = "created"
            return
        }
        let fields = content as? [String: Any] ?? [:]
        let stage = fields["stage"] as? String
        event = [name, stage].compactMap(\.self).joined(separator: " ")
        if let stage { failed.remove(stage) }
        if let stage, name == "failed" || name == "timedOut" { failed.insert(stage) }
        failed.subtract(fields["stages"] as? [String] ?? [])
    }
}
