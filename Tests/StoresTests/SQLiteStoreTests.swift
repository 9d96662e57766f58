import Foundation
import Glibc
import Journal
import SQLiteStores
import Testing

/// What only a ledger in a file must cope with.
@Suite struct SQLiteStoreTests {
    let journal = JournalName(.run, "r1")

    @Test func `keeps its folder and file to the user, and out of git`() async throws {
        try await withStore(.sqlite) { _, ledger in
            let folder = ledger.folder.appending(path: ".shipit")
            let ignored = try String(contentsOf: folder.appending(path: ".gitignore"), encoding: .utf8)
            #expect(ignored == "*\n")
            #expect(try mode(of: ledger.file) == 0o600)
            #expect(try mode(of: folder.path) == 0o700)
        }
    }

    @Test func `puts nothing else into a folder that was there`() async throws {
        try await withFolder { folder in
            let store = try await SQLiteStore(path: folder.appending(path: "ledger.db").path)
            await store.close()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["ledger.db"])
        }
    }

    @Test func `writes nothing to a ledger that is only read`() async throws {
        try await withLedger(.sqlite) { ledger in
            try await ledger.open().close()
            let before = try Data(contentsOf: URL(filePath: ledger.file))
            let store = try await ledger.open()
            #expect(try await store.head(of: journal) == nil)
            await store.close()
            #expect(try Data(contentsOf: URL(filePath: ledger.file)) == before)
        }
    }

    @Test func `refuses a ledger of a newer shipit`() async throws {
        try await withLedger(.sqlite) { ledger in
            try await ledger.open().close()
            try sqlite(ledger.file, "PRAGMA user_version = 99")
            #expect(await failure { _ = try await ledger.open() } == .newerSchema(found: 99, known: 2))
        }
    }

    @Test(arguments: [
        ("text", StoreError.Code.corrupt), ("database", .corrupt), ("folder", .failed), ("cut", .corrupt),
    ])
    func `refuses what is no ledger`(what: String, expected: StoreError.Code) async throws {
        try await withLedger(.sqlite) { ledger in
            try FileManager.default.createDirectory(
                at: ledger.folder.appending(path: ".shipit"), withIntermediateDirectories: true)
            switch what {
            case "text": try Data(repeating: 65, count: 5000).write(to: URL(filePath: ledger.file))
            case "database": try sqlite(ledger.file, "CREATE TABLE t(a)")
            case "folder": try FileManager.default.createDirectory(atPath: ledger.file, withIntermediateDirectories: true)
            default:
                try await ledger.open().close()
                let whole = try Data(contentsOf: URL(filePath: ledger.file))
                try (whole.prefix(150) + Data(repeating: 9, count: 4000)).write(to: URL(filePath: ledger.file))
            }
            #expect(await failure { _ = try await ledger.open() } == expected)
        }
    }

    @Test func `is opened by ten at once`() async throws {
        try await withLedger(.sqlite) { ledger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<10 {
                    group.addTask {
                        let store = try await ledger.open()
                        _ = try await store.append(
                            [Append(JournalName(.run, "\(writer)"), expected: 0, bodies: [[1]])], under: [])
                    }
                }
                try await group.waitForAll()
            }
            let store = try await ledger.open()
            #expect(try await store.heads(of: .run, before: nil, limit: 100).count == 10)
        }
    }

    @Test func `leaves no gap under six processes that open it at once`() async throws {
        try await withLedger(.sqlite) { ledger in
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<6 {
                    group.addTask {
                        await #expect(processExitsWith: .success) { [path = ledger.file as String, writer = writer as Int] in
                            try await appendInTurn(path: path, count: 10, text: "\(writer)")
                        }
                    }
                }
            }
            let store = try await ledger.open()
            try await verifyAll(of: store)
            #expect(try await store.head(of: journal)?.position == 60)
        }
    }

    @Test func `keeps what it confirmed when its process is killed`() async throws {
        try await withLedger(.sqlite) { ledger in
            let confirmed = ledger.folder.appending(path: "confirmed").path
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = ledger.file as String, confirmed = confirmed as String] in
                try await appendUntilKilled(path: path, confirmed: confirmed)
            }
            let store = try await ledger.open()
            let head = try #require(try await store.head(of: journal))
            try await verifyAll(of: store)
            let count = try #require(try Int64(String(contentsOfFile: confirmed, encoding: .utf8)))
            #expect(count >= 50 && head.position >= count)
            #expect(try await store.append([Append(journal, expected: head.position, bodies: [[1]])], under: []).count == 1)
        }
    }

    @Test(.enabled(if: Mount.isPossible)) func `says that the device is full, and keeps what it had`() async throws {
        try await withLedger(.sqlite) { ledger in
            try await Mount.withTemporary(at: ledger.folder, options: "size=1m") {
                let store = try await ledger.open()
                _ = try await store.append([Append(journal, expected: 0, bodies: [[1]])], under: [])
                let large = [Append(journal, expected: 1, bodies: [Array(repeating: 1, count: 2 << 20)])]
                #expect(await failure { _ = try await store.append(large, under: []) } == .full)
                #expect(try await store.head(of: journal)?.position == 1)
                try await verifyAll(of: store)
                #expect(try await store.append([Append(journal, expected: 1, bodies: [[2]])], under: []).count == 1)
                await store.close()
            }
        }
    }

    @Test(.enabled(if: Mount.isPossible)) func `says that the file system is read-only`() async throws {
        try await withLedger(.sqlite) { ledger in
            try await Mount.withTemporary(at: ledger.folder, options: "size=1m") {
                try await ledger.open().close()
                try Mount.run("mount", "-o", "remount,ro", ledger.folder.path)
                #expect(await failure { _ = try await ledger.open() } == .readOnly)
            }
        }
    }
}

/// Appends `count` entries to one journal beside others who do the same.
private func appendInTurn(path: String, count: Int, text: String) async throws {
    let store = try await SQLiteStore(path: path)
    let journal = JournalName(.run, "r1")
    var written = 0
    while written < count {
        let position = try await store.head(of: journal)?.position ?? 0
        do {
            _ = try await store.append([Append(journal, expected: position, bodies: [Array(text.utf8)])], under: [])
            written += 1
        } catch {
            guard case .conflict = error.code else { throw error }
        }
    }
}

/// Appends without an end, writes down what was confirmed, and is killed by itself in the middle of it.
private func appendUntilKilled(path: String, confirmed: String) async throws {
    let store = try await SQLiteStore(path: path)
    let journal = JournalName(.run, "r1")
    var position: Int64 = 0
    while true {
        let body = Array(repeating: UInt8(truncatingIfNeeded: position), count: 2000)
        position = try await store.append([Append(journal, expected: position, bodies: [body])], under: [])[0].position
        try Data("\(position)".utf8).write(to: URL(filePath: confirmed), options: .atomic)
        if position == 50 {
            Thread.detachNewThread { kill(getpid(), SIGKILL) }
        }
    }
}

private func mode(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
}

/// Runs one statement on a file through SQLite's own shell.
private func sqlite(_ file: String, _ sql: String) throws {
    try Mount.run("sqlite3", file, sql)
}
