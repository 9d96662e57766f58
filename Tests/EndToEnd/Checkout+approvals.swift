import Foundation
import Shops
import Testing

extension Checkout {
    /// The id of the run that waits for approval.
    func waitingRun() async throws -> String {
        let answer = try await shipit("approvals", "--json")
        return try #require(try JSONDecoder().decode([Waiting].self, from: Data(answer.text.utf8)).first).run
    }
}

/// A line of `shipit approvals --json`.
private struct Waiting: Decodable { var run: String }
