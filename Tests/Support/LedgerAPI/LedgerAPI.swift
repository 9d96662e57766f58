import ControlPlane
public import Foundation
public import Pipeline
public import Postgres
import PostgresServer
import Services
import Serving

/// The API in front of a ledger in PostgreSQL, in this process: what `SHIPIT_STATE=http://127.0.0.1:PORT` names.
public struct LedgerAPI: Sendable {
    private let service: RunningService
    private let environment: [String: String]

    /// Where it listens, on 127.0.0.1.
    public var port: Int { service.port }

    /// What `SHIPIT_STATE` says.
    public var state: String { "http://127.0.0.1:\(port)" }

    /// Runs the API over an empty database while `body` runs.
    ///
    /// - Parameters:
    ///   - database: the URL of the database, for the ledger and the service's own tables.
    ///   - judges: whether what is written is judged.
    ///   - issuer: who signs for the workflows of the repository `acme/shop`, which are trusted; nil for none.
    ///   - life: how long a token lives that a workflow gets.
    ///   - body: uses it.
    public static func with(
        _ database: URLComponents, judges: Bool = true, trusting issuer: GitHubIssuer? = nil, for life: TimeSpan = .minutes(60),
        _ body: (LedgerAPI) async throws -> Void
    ) async throws {
        var environment = ["DATABASE_URL": database.string ?? "", "API_RATE": "0"]
        // What is signed names the port before anybody listens there.
        let port = issuer == nil ? 0 : Int(try ReservedPort().number)
        if let issuer {
            environment["API_GITHUB_SUBJECTS"] = "repo:acme/shop:*"
            environment["API_GITHUB_AUDIENCE"] = "http://127.0.0.1:\(port)"
            environment["API_GITHUB_ISSUER"] = issuer.url
        }
        try await migrate(DatabaseURL(database.string ?? ""))
        try await RunningService.with { [environment] in
            var plane = try ControlPlane(environment: environment)
            plane.judges = judges
            plane.workflowLife = life
            return plane.server(ServerSettings(host: "127.0.0.1", port: port), logger: RunningService.silent, onListening: $0)
        } _: { service in
            try await body(LedgerAPI(service: service, environment: environment))
        }
    }

    /// The text of a new token, made as `api token create` makes one.
    public func token(_ role: String, for name: String) async throws -> String {
        let arguments = ["token", "create", "--name", name, "--role", role]
        guard case .done(let text)? = try await TokenProgram(environment: environment).run(arguments) else {
            throw CocoaError(.featureUnsupported)
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// Applies this repository's own migrations.
public func migrate(_ url: DatabaseURL) async throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../migrations").standardized
    let connection = try await Connection(url, applicationName: "test", connectTimeout: .seconds(30))
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
        let content = Array(try Data(contentsOf: folder.appending(path: file)))
        try await connection.execute(script: Migration(parsing: content, path: file).up)
    }
    await connection.close()
}
