import Foundation
import HTTP
import Journal
import Postgres
import Records
import Services
import Stores

@testable import ControlPlane
@testable import Serving

/// The API over the ledger that `open` opens.
func withAPI(
    announcements url: DatabaseURL? = nil, _ open: @escaping @Sendable () async throws(StoreError) -> any Store,
    _ body: (RunningService) async throws -> Void
) async throws {
    try await RunningService.with {
        ControlPlane(ledger: LedgerSource(open), announcements: url)
            .server(ServerSettings(host: "127.0.0.1", port: 0), logger: RunningService.silent, onListening: $0)
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

extension RunningService {
    /// The status and the JSON object at `path`.
    func get(_ path: String, _ client: HTTPClient) async throws -> (status: Int, object: [String: JSONValue]) {
        let response = try await client.send(HTTPRequest(url: url(path)))
        return (response.status, try JSONDecoder().decode([String: JSONValue].self, from: Data(response.body)))
    }
}

/// Any JSON, as tests look into it.
enum JSONValue: Decodable, Equatable {
    case text(String)
    case number(Double)
    case boolean(Bool)
    case list([JSONValue])
    case object([String: JSONValue])
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    subscript(_ key: String) -> JSONValue? {
        if case .object(let fields) = self { fields[key] } else { nil }
    }

    var items: [JSONValue] { if case .list(let items) = self { items } else { [] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
}
