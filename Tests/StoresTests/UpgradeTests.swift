import Foundation
import Hashing
import Journal
import Postgres
import PostgresServer
import Testing

/// Ledgers that an older shipit made.
@Suite struct UpgradeTests {
    /// What the runs of version 1 said of themselves, and whether they wait for somebody as far as that tells.
    private static let runs: [(name: String, summary: String?, isWaiting: Bool)] = [
        ("r1", #"{"id":"r1","waiting":["production"],"wanted":3}"#, true),
        ("r2", #"{"id":"r2","waiting":[],"wanted":3}"#, false),
        ("r3", nil, true),
    ]

    @Test(arguments: StoreKind.allCases)
    func `a ledger of version 1 is upgraded without loss, by ten that open it at once`(kind: StoreKind) async throws {
        try await withLedger(kind) { ledger in
            let heads = try await makeVersion1(ledger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await ledger.open().close() }
                }
                try await group.waitForAll()
            }
            let store = try await ledger.open()
            for head in heads { #expect(try await store.head(of: head.journal) == head) }
            try await verifyAll(of: store)
            let waiting = try await store.waiting(of: .run, before: nil, limit: 10)
            #expect(waiting.map(\.journal.name) == ["r3", "r1"])
            let appends = [Append(heads[0].journal, expected: 2, bodies: [[3]], isWaiting: false)]
            _ = try await store.append(appends, under: [])
            #expect(try await store.waiting(of: .run, before: nil, limit: 10).map(\.journal.name) == ["r3"])
            try await verifyAll(of: store)
            await store.close()
        }
    }

    @Test func `says who must upgrade a ledger whose tables belong to another`() async throws {
        try await withLedger(.postgres) { ledger in
            let heads = try await makeVersion1(ledger)
            try await ledger.withLimitedUser { limited, role in
                try await ledger.letUseTables(role)
                let refused = await #expect(throws: StoreError.self) { _ = try await limited.open() }
                #expect(refused?.code == .refused)
                #expect(refused?.message.contains("owns the tables") == true, "\(String(describing: refused))")
                try await ledger.open().close()
                let store = try await limited.open()
                #expect(try await store.head(of: heads[0].journal) == heads[0])
                // What it was allowed before, it is allowed now.
                _ = try await store.append([Append(heads[0].journal, expected: 2, bodies: [[3]])], under: [])
                let log = LogName(run: heads[0].journal.name, stage: "build", attempt: 1)
                let growth = try await store.logs?.append([1], to: log, at: 0)
                #expect(growth == .added)
                try await verifyAll(of: store)
                await store.close()
            }
        }
    }

    /// Makes the tables of version 1 with some runs and an environment; answers the heads as they are to be found.
    private func makeVersion1(_ ledger: Ledger) async throws -> [Head] {
        var heads: [Head] = []
        var statements: [String] = []
        let journals = Self.runs.map { (JournalName(.run, $0.name), $0.summary, $0.isWaiting) }
        for (journal, summary, isWaiting) in journals + [(JournalName(.environment, "staging"), nil, false)] {
            let entries = Chain.extend(journal, after: (0, .zero), bodies: [[1], [2]])
            let place = ledger.database == nil ? "'\(journal)'" : "'\(journal.kind.rawValue)', '\(journal.name)'"
            func blob(_ bytes: [UInt8]) -> String {
                let digits = bytes.map { String(format: "%02x", $0) }.joined()
                return ledger.database == nil ? "x'\(digits)'" : "'\\x\(digits)'"
            }
            for entry in entries {
                statements.append(
                    "INSERT INTO SCHEMA.entries VALUES (\(place), \(entry.position), \(blob(entry.body)), \(blob(entry.previous.bytes)), \(blob(entry.hash.bytes)))"
                )
            }
            let bytes = summary.map { Array($0.utf8) }
            statements.append(
                "INSERT INTO SCHEMA.journals VALUES (\(place), 2, \(blob(entries[1].hash.bytes)), \(bytes.map(blob) ?? "NULL"), 7)"
            )
            heads.append(
                Head(journal: journal, position: 2, hash: entries[1].hash, summary: bytes, isWaiting: isWaiting, updated: 7))
        }
        if let database = ledger.database {
            let script = Self.postgres + statements.map { $0.replacing("SCHEMA", with: "shipit") + ";\n" }.joined()
            let connection = try await Connection(
                DatabaseURL(database.string ?? ""), applicationName: "test", connectTimeout: .seconds(30))
            try await connection.execute(script: script)
            await connection.close()
        } else {
            try FileManager.default.createDirectory(
                at: ledger.folder.appending(path: ".shipit"), withIntermediateDirectories: true)
            let script = Self.sqlite + statements.map { $0.replacing("SCHEMA", with: "main") + ";\n" }.joined()
            try Mount.run("sqlite3", ledger.file, script)
        }
        return heads
    }

    private static let sqlite = """
        CREATE TABLE journals(
            name TEXT PRIMARY KEY, position INTEGER NOT NULL, hash BLOB NOT NULL, summary BLOB, updated INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE entries(
            journal TEXT NOT NULL, position INTEGER NOT NULL, body BLOB NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL,
            PRIMARY KEY (journal, position)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE leases(
            resource TEXT PRIMARY KEY, token INTEGER NOT NULL, holder TEXT, host TEXT NOT NULL, account TEXT NOT NULL,
            process TEXT, purpose TEXT NOT NULL, acquired INTEGER NOT NULL, expires INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        PRAGMA application_id = 1936222576;
        PRAGMA user_version = 1;

        """

    private static let postgres = """
        CREATE SCHEMA shipit;
        CREATE TABLE shipit.schema_version(version integer PRIMARY KEY);
        CREATE TABLE shipit.journals(
            kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, position bigint NOT NULL, hash bytea NOT NULL,
            summary bytea, updated bigint NOT NULL, PRIMARY KEY (kind, name)
        );
        CREATE TABLE shipit.entries(
            kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, position bigint NOT NULL, body bytea NOT NULL,
            previous bytea NOT NULL, hash bytea NOT NULL, PRIMARY KEY (kind, name, position)
        );
        CREATE TABLE shipit.leases(
            resource text COLLATE "C" PRIMARY KEY, token bigint NOT NULL, holder jsonb, acquired bigint NOT NULL,
            expires bigint NOT NULL
        );
        INSERT INTO shipit.schema_version(version) VALUES (1);

        """
}
