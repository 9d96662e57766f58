import CanonicalJSON
import Foundation
import HTTP
import Journal
import LedgerAPI
import Pipeline
import Postgres
import PostgresServer
import PostgresStores
import Records
import RemoteStores
import SQLiteStores
import Services

@testable import ControlPlane
@testable import Serving

/// The API over the ledger that `open` opens, which everybody may read unless `access` says otherwise.
func withAPI(
    database url: DatabaseURL? = nil, access: AccessSettings = AccessSettings(readingIsOpen: true),
    followers: Followers.Limits = .init(), patience: Duration = .seconds(30),
    _ open: @escaping @Sendable () async throws(StoreError) -> any Store,
    _ body: (RunningService) async throws -> Void
) async throws {
    try await RunningService.with {
        var plane = ControlPlane(ledger: LedgerSource(open), database: url, access: access)
        plane.followers = followers
        var settings = ServerSettings(host: "127.0.0.1", port: 0)
        settings.patience = patience
        return plane.server(settings, logger: RunningService.silent, onListening: $0)
    } _: { service in
        try await body(service)
    }
}

/// The API over a ledger in a fresh file, with what `fill` recorded.
func withAPI(
    filled fill: (SampleLedger) async throws -> Void, _ body: (RunningService) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "shipit-api-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "state.db").path
    let store = try await SQLiteStore(path: path)
    try await fill(SampleLedger(Ledger(store)))
    await store.close()
    try await withAPI { () async throws(StoreError) in
        try await SQLiteStore(path: path)
    } _: { service in
        try await body(service)
    }
}

/// The API over a ledger in a database of its own, migrated, with what `fill` recorded; it reaches that through `pooler` if there is one.
func withFullAPI(
    access: AccessSettings = AccessSettings(), followers: Followers.Limits = .init(), patience: Duration = .seconds(30),
    through pooler: PostgresPooler? = nil,
    filled fill: (SampleLedger) async throws -> Void = { _ in },
    _ body: (FullAPI) async throws -> Void
) async throws {
    try await PostgresServer.withDatabase { components in
        try await migrate(DatabaseURL(components.string ?? ""))
        let reached = try await pooler?.through(components) ?? components
        let url = try DatabaseURL(reached.string ?? "")
        let store = try await PostgresStore(url)
        try await fill(SampleLedger(Ledger(store)))
        try await withAPI(database: url, access: access, followers: followers, patience: patience) {
            () async throws(StoreError) in
            try await PostgresStore(url)
        } _: { service in
            try await body(FullAPI(service: service, database: components, url: url, ledger: Ledger(store)))
        }
        await store.close()
    }
}

/// An API with a database, and what a test needs to look behind it.
struct FullAPI {
    let service: RunningService
    let database: URLComponents
    let url: DatabaseURL
    let ledger: Ledger
    let client = HTTPClient()

    /// A token's text, made in the database.
    func token(_ role: Role, name: String? = nil, project: String = "default") async throws -> String {
        let database = Database(url)
        let text = try await Tokens(database: database)
            .create(name ?? "a \(role.rawValue)", role, in: project, for: .days(1), by: "test").text.text
        await database.close()
        return text
    }

    /// The ledger as who has this token uses it from elsewhere.
    func store(_ token: String) async throws -> RemoteStore {
        try await RemoteStore(APIAddress(service.url("")), as: Bearer(variables: ["SHIPIT_TOKEN": token])) { _ in }
    }

    /// What a request is answered: `text` is sent as JSON.
    func send(
        _ method: String, _ path: String, token: String? = nil, headers: [String: String] = [:], _ text: String? = nil
    ) async throws -> HTTPResponse {
        var fields = headers
        if let token { fields["Authorization"] = "Bearer \(token)" }
        if text != nil { fields["Content-Type"] = fields["Content-Type"] ?? "application/json" }
        let request = HTTPRequest(
            method: method, url: service.url(path), headers: HTTPHeaders(fields.map { HTTPHeaders.Field($0.key, $0.value) }),
            body: text.map { Array($0.utf8) })
        return try await client.send(request)
    }
}

extension HTTPResponse {
    /// The JSON object in the body; empty where there is none.
    var object: [String: JSONValue] {
        (try? JSONDecoder().decode([String: JSONValue].self, from: Data(body))) ?? [:]
    }
}

extension RunningService {
    /// The status and the JSON object at `path`.
    func get(_ path: String, _ client: HTTPClient) async throws -> (status: Int, object: [String: JSONValue]) {
        let response = try await client.send(HTTPRequest(url: url(path)))
        return (response.status, try JSONDecoder().decode([String: JSONValue].self, from: Data(response.body)))
    }
}

extension JSONValue {
    subscript(_ key: String) -> JSONValue? {
        if case .object(let fields) = self { fields[key] } else { nil }
    }

    var items: [JSONValue] { if case .list(let items) = self { items } else { [] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
}
