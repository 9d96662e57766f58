import Foundation
import HTTP
import Services

@testable import Dashboard
@testable import Serving

/// The files of the work tree.
private let files = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/apps/web/Public")
    .standardized.path

/// The page's service in front of the API at a port.
func withDashboard(
    api port: Int, deadline: Duration = .seconds(30), _ body: (RunningService) async throws -> Void
) async throws {
    try await serve(try Dashboard(folder: files, api: "http://127.0.0.1:\(port)", deadline: deadline), body)
}

/// The page's service as these variables set it up.
func withDashboard(environment: [String: String], _ body: (RunningService) async throws -> Void) async throws {
    try await serve(try Dashboard(environment: environment.merging(["WEB_PUBLIC": files]) { $1 }), body)
}

private func serve(_ dashboard: Dashboard, _ body: (RunningService) async throws -> Void) async throws {
    try await RunningService.with {
        dashboard.server(ServerSettings(host: "127.0.0.1", port: 0), logger: RunningService.silent, onListening: $0)
    } _: { service in
        try await body(service)
    }
}

/// What an answer with `application/problem+json` says.
struct ProblemBody: Decodable {
    let type: String
    let title: String
    let status: Int
    let detail: String

    init(_ response: HTTPResponse) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(response.body))
    }
}
