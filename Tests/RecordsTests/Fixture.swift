import Foundation
import Hashing
import Journal
public import Pipeline
import Postgres
import PostgresServer
import PostgresStores
import Records
import SQLiteStores
import Services

/// A ledger in a fresh database with three runs of this repository's own pipeline and two environments, and that database's URL.
func withTeamLedger(_ body: (Ledger, URLComponents) async throws -> Void) async throws {
    try await withEmptyTeamLedger { ledger, url in
        try await fill(ledger)
        try await body(ledger, url)
    }
}

/// A ledger in a fresh database.
func withEmptyTeamLedger(_ body: (Ledger, URLComponents) async throws -> Void) async throws {
    try await PostgresServer.withDatabase { url in
        let store = try await PostgresStore(DatabaseURL(url.string ?? ""))
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(Ledger(store), url)) } catch { outcome = .failure(error) }
        await store.close()
        try outcome.get()
    }
}

/// A ledger in a fresh file.
func withFileLedger(_ body: (Ledger) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "shipit-records-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try await SQLiteStore(path: folder.appending(path: "state.db").path)
    try await body(Ledger(store))
    await store.close()
}

/// Records three runs: one that shipped, one that failed, one that waits.
func fill(_ ledger: Ledger) async throws {
    let sample = try SampleLedger(ledger)
    try await sample.record("aaaaaaaaa1", commit: "one", at: 1_790_000_000_000, .succeeded)
    try await sample.record("aaaaaaaaa2", commit: "two", at: 1_790_001_000_000, .failed("deploy-staging"))
    try await sample.record("aaaaaaaaa3", commit: "three", at: 1_790_002_000_000, .waiting)
}

/// The journal of the first of the three.
let shipped = JournalName(.run, "aaaaaaaaa1")

/// Events of an environment, as many as wanted.
func holds(_ count: Int) -> [Stamped<EnvironmentEvent>] {
    (0..<count).map { Stamped(.held(Hold(reason: "number \($0)", by: "test", at: Int64($0))), at: Int64($0), by: "test") }
}

/// What `body` fails with.
func failure(_ body: () async throws -> Void) async -> LedgerError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? LedgerError
    }
}

extension Name: ExpressibleByUnicodeScalarLiteral, ExpressibleByExtendedGraphemeClusterLiteral, ExpressibleByStringLiteral {
    /// A name that a test writes out.
    public init(stringLiteral text: String) {
        guard let name = Name(text) else { fatalError("\(text) is no name") }
        self = name
    }
}

/// A release of the environment `staging`; two with other images differ in what they run.
func release(_ id: ReleaseID, image: String) throws -> Release {
    let sum = SHA256Sum(of: Array(image.utf8))
    let target = #"{"compose":{"_0":{"file":"compose.yaml","healthyWithin":60000,"project":"test"}}}"#
    let change = Change(
        environment: "staging", images: ["api": "localhost/api@sha256:\(sum.hex)"], schema: nil, manifest: sum, values: [:],
        target: try JSONDecoder().decode(Target.self, from: Data(target.utf8)), policy: .none)
    return Release(
        id: id, change: change, source: Source(commit: String(sum.hex.prefix(40))), by: "test", at: 1, manifest: "services: {}\n")
}
