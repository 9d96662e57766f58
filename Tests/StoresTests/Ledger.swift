import Foundation
import Hashing
import Journal
import LedgerAPI
import Postgres
import PostgresServer
import Stores
import Testing

/// The stores that keep the contract.
enum StoreKind: CaseIterable, CustomTestStringConvertible {
    /// `pooled` is PostgreSQL behind PgBouncer, which lends sessions for one transaction at a time.
    /// `api` is the API in front of PostgreSQL, in this process.
    case sqlite, postgres, pooled, api

    var testDescription: String { "\(self)" }
}

/// A ledger of one test: its own file or its own database, gone when the test ends.
struct Ledger {
    /// The test's folder, where a ledger in a file is.
    let folder: URL
    /// The superuser's URL of the database the ledger is in; nil when it is in a file.
    let database: URLComponents?
    /// What stands in front of the database, and an admin's token; nil when nothing does.
    var api: (service: LedgerAPI, token: String)?

    /// Another store over the same ledger, as another process would open it.
    ///
    /// - Parameter port: where the API is reached; nil where it is.
    func open(through port: Int? = nil) async throws -> any Store {
        guard let api else { return try await Stores.open(location) }
        let address = "http://127.0.0.1:\(port ?? api.service.port)"
        return try await Stores.open(StateLocation(parsing: address), variables: ["SHIPIT_TOKEN": api.token])
    }

    var location: StateLocation {
        get throws {
            if let database { .database(try DatabaseURL(database.string ?? "")) } else { .file(path: file) }
        }
    }

    var file: String { folder.appending(path: ".shipit/ledger.db").path }
}

extension Ledger {
    /// Runs `body` with this ledger as a new user of PostgreSQL sees it, who has no rights to begin with.
    func withLimitedUser(_ body: (_ limited: Ledger, _ role: String) async throws -> Void) async throws {
        var database = try #require(database)
        let role = "role_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await PostgresServer.run("CREATE ROLE \(role) LOGIN PASSWORD 'given'", in: database)
        (database.user, database.password) = (role, "given")
        try await body(Ledger(folder: folder, database: database), role)
        try await PostgresServer.run("DROP OWNED BY \(role) CASCADE", in: self.database)
        try await PostgresServer.run("DROP ROLE \(role)", in: self.database)
    }

    /// Lets `role` use the tables that are there, and no more.
    func letUseTables(_ role: String) async throws {
        for grant in ["USAGE ON SCHEMA shipit", "SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA shipit"] {
            try await PostgresServer.run("GRANT \(grant) TO \(role)", in: database)
        }
    }
}

/// Runs `body` with a fresh ledger of `kind`.
func withLedger(_ kind: StoreKind, _ body: (Ledger) async throws -> Void) async throws {
    try await withFolder { folder in
        switch kind {
        case .sqlite: try await body(Ledger(folder: folder, database: nil))
        case .postgres: try await PostgresServer.withDatabase { try await body(Ledger(folder: folder, database: $0)) }
        case .pooled:
            try await PostgresServer.withDatabase { url in
                try await body(Ledger(folder: folder, database: try await PostgresPooler.transactions.through(url)))
            }
        case .api:
            try await Turns.ofAPIs.during {
                try await PostgresServer.withDatabase { url in
                    // What the contract appends are no events.
                    try await LedgerAPI.with(url, judges: false) { api in
                        let token = try await api.token("admin", for: "the contract")
                        try await body(Ledger(folder: folder, database: url, api: (api, token)))
                    }
                }
            }
        }
    }
}

/// Lets so many through at a time.
private actor Turns {
    /// Each has a dozen sessions with the server, which has no more than two hundred.
    static let ofAPIs = Turns(4)

    private var left: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { left = count }

    nonisolated func during(_ body: () async throws -> Void) async throws {
        await take()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        await give()
        try outcome.get()
    }

    private func take() async {
        guard left == 0 else {
            left -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func give() {
        if waiting.isEmpty { left += 1 } else { waiting.removeFirst().resume() }
    }
}

/// Runs `body` with a fresh store of `kind`, and checks every chain afterwards.
func withStore(_ kind: StoreKind, _ body: (any Store, Ledger) async throws -> Void) async throws {
    try await withLedger(kind) { ledger in
        let store = try await ledger.open()
        try await body(store, ledger)
        try await verifyAll(of: store)
        await store.close()
    }
}

/// Runs `body` with a folder of its own.
func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "shipit-stores-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
}

/// Reads every journal in pieces and checks its chain up to its head.
func verifyAll(of store: any Store) async throws {
    for kind in JournalName.Kind.allCases {
        for head in try await store.heads(of: kind, before: nil, limit: 1000) {
            let end = try await verify(head.journal, of: store)
            guard end.position == head.position, end.hash == head.hash else {
                throw StoreError(.corrupt, "The head of \(head.journal) is not where its chain ends.")
            }
        }
    }
}

/// Reads one journal in pieces and checks its chain; returns its end.
@discardableResult
func verify(_ journal: JournalName, of store: any Store) async throws -> (position: Int64, hash: SHA256Sum) {
    var end: (position: Int64, hash: SHA256Sum) = (0, .zero)
    while true {
        let entries = try await store.read(journal, after: end.position, limit: 7)
        if entries.isEmpty { return end }
        end = try Chain.verify(entries, of: journal, after: end)
    }
}

extension LeaseHolder {
    /// A holder told apart by `id` alone.
    static func named(_ id: String, user: String = "user") -> LeaseHolder {
        LeaseHolder(id: id, host: "host", user: user, process: "1@2", purpose: "testing \(id)")
    }
}

extension LeaseAnswer {
    /// The lease, when it was granted.
    var granted: Lease? {
        if case .granted(let lease, _) = self { lease } else { nil }
    }

    /// The lease in the way, when it was not granted.
    var held: Lease? {
        if case .held(let lease) = self { lease } else { nil }
    }
}

/// The code `body` fails with; nil when it succeeds.
func failure(_ body: () async throws -> Void) async -> StoreError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? StoreError)?.code
    }
}
