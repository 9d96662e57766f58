import Foundation
import Shops
import Testing

/// What stages print, read by others than who drives them.
@Suite struct SharedLogTests {
    /// Says something, waits until the test has looked, and says much.
    private static let stages = """
        talk: {run: [sh, -c, "echo first words; until [ -e .git/go ]; do sleep 0.05; done; seq 300000; echo last words"]}
        """

    private static var name: Regex<Substring> { #/\b1[0-9a-z]{9}\b/# }

    /// Runs `body` with what makes shipit use a ledger that others share: in PostgreSQL, or behind the API.
    private static func withLedger(isRemote: Bool, _ body: ([String: String]) async throws -> Void) async throws {
        if isRemote {
            try await RemoteLedgerTests.withAPI { _, become in try await body(try await become("developer", "dora")) }
        } else {
            let name = "logs" + String(UInt32.random(in: .min ... .max), radix: 36)
            try await body(["SHIPIT_STATE": try await World.database(name)])
        }
    }

    @Test(arguments: [false, true])
    func `they are there while it goes on, and whole when it is over`(isRemote: Bool) async throws {
        try await Workshop.with(Self.stages) { shop in
            try await Clone.with(shop) { clone in
                try await Self.withLedger(isRemote: isRemote) { ledger in
                    async let driven = shop.shipit("run", "work", adding: ledger)
                    let history = try await clone.prints("history", adding: ledger) { $0.contains(Self.name) }
                    let run = try #require(history.firstMatch(of: Self.name).map { String($0.0) })
                    async let followed = clone.shipit("logs", run, "talk", "--follow", adding: ledger)
                    let seen = try await clone.prints("logs", run, adding: ledger) { $0.contains("first words") }
                    #expect(!seen.contains("last words"))
                    try shop.let("go")
                    #expect(try await driven.code == 0)
                    let (own, other, live) = (
                        try await shop.shipit("logs", run, adding: ledger), try await clone.shipit("logs", run, adding: ledger),
                        try await followed
                    )
                    #expect(own.text.count > 1_900_000 && own.text.hasSuffix("last words\n"), "\(own.text.suffix(100))")
                    #expect(other.text == own.text, "\(other.text.count) of \(own.text.count): \(other.text.suffix(100))")
                    #expect(live.text == own.text, "\(live.text.count) of \(own.text.count): \(live.text.suffix(100))")
                }
            }
        }
    }

    @Test func `a run ends as ever where they cannot be brought, and says so`() async throws {
        try await Workshop.with("talk: {run: [sh, -c, echo words]}") { shop in
            try await Self.withLedger(isRemote: false) { ledger in
                #expect(try await shop.shipit("history", adding: ledger).code == 0)
                try await World.run("psql", [ledger["SHIPIT_STATE"] ?? "", "--quiet", "--command", "DROP TABLE shipit.logs"])
                let driven = try await shop.shipit("run", "work", adding: ledger)
                #expect(
                    driven.code == 0 && driven.all.contains("the output of talk is kept on this machine alone"), "\(driven.all)")
            }
        }
    }
}

extension Checkout {
    /// What a command prints, once that is as it should be.
    fileprivate func prints(
        _ arguments: String..., adding variables: [String: String], _ isRight: (String) -> Bool
    ) async throws -> String {
        for _ in 0..<300 {
            let text = try await finish(command(arguments, adding: variables)).text
            if isRight(text) { return text }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw World.BadEnd(text: "shipit \(arguments) never printed what it should")
    }
}
