import Foundation
import Shops
import Testing

extension Shop {
    /// The id of the run that waits for approval.
    func waitingRun() async throws -> String {
        struct Waiting: Decodable { var run: String }
        let answer = try await shipit("approvals", "--json")
        let waiting = try JSONDecoder().decode([Waiting].self, from: Data(answer.text.utf8))
        return try #require(waiting.first).run
    }
}
