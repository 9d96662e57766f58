import Foundation
import HTTP
import Services

@testable import Dashboard
@testable import Serving

/// The page's service in front of the API at a port, with the files of the work tree.
func withDashboard(
    api port: Int, deadline: Duration = .seconds(30), proxies: Proxies = Proxies(), _ body: (RunningService) async throws -> Void
) async throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/apps/web/Public")
        .standardized
    try await RunningService.with {
        try Dashboard(folder: folder.path, api: "http://127.0.0.1:\(port)", deadline: deadline, proxies: proxies)
            .server(ServerSettings(host: "127.0.0.1", port: 0), logger: RunningService.silent, onListening: $0)
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
