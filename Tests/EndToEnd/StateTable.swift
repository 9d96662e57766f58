import Foundation
import Shops
import Testing

/// A table of `docs/states.md`: by state, what each command's cell says.
enum StateTable {
    /// Reads the table below a heading; its first two columns are the state, and how it came about.
    static func read(below heading: String) throws -> [String: [String: String]] {
        let text = try String(contentsOfFile: "\(World.repository)/docs/states.md", encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let place = try #require(lines.firstIndex { $0 == heading }, "docs/states.md has no '\(heading)'")
        let rows = lines[(place + 1)...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "") }
        }
        let commands = try #require(rows.first).dropFirst(2)
        return Dictionary(
            uniqueKeysWithValues: rows.dropFirst(2).map { row in
                (row[0], Dictionary(uniqueKeysWithValues: zip(commands, row.dropFirst(2))))
            })
    }
}

extension Checkout {
    /// The status of a run.
    func status(of run: String, adding variables: [String: String] = [:]) async throws -> String {
        try await shipit("history", "--json", adding: variables).runStatus(of: run)
    }
}

extension Answer {
    /// The status of a run in a list that was printed as JSON, alone or as a member.
    func runStatus(of run: String, at member: String? = nil) throws -> String {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let list = (member.map { (value as? [String: Any])?[$0] as Any } ?? value) as? [[String: Any]]
        return try #require(list?.first { $0["id"] as? String == run }?["status"] as? String, "\(all)")
    }
}
