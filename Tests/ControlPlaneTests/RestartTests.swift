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
import Services
import Synchronization
import Testing

@testable import ControlPlane

struct `A PostgreSQL that is restarted under load` {
    /// How many writes each writer gets through before, between and after the restarts.
    private static let writes = 5

    @Test(arguments: [Ending.stop, .crash])
    func `loses nothing that was acknowledged, and does again only what it could not tell the end of`(ending: Ending) async throws
    {
        try await OwnPostgres.with { server in
            let url = try server.database
            try await migrate(url)
            let database = Database(url)
            let admin = try await Tokens(database: database)
                .create("load", .admin, in: "default", for: .days(1), by: "test").text.text
            let store = try await PostgresStore(url)
            try await SampleLedger(Ledger(store)).record("1a", commit: "one", at: 1_000_000, .succeeded)
            await store.close()
            let tally = Tally()
            try await APIProcess.with(["DATABASE_URL": server.url.string ?? "", "LOG_LEVEL": "info"]) { api in
                let load = Load(api: api, token: admin, tally: tally)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<4 { group.addTask { try await load.hold("w\(writer)") } }
                    for writer in 0..<2 { group.addTask { try await load.makeTokens("t\(writer)") } }
                    for path in ["/api/environments", "/api/announcements", "/api/runs"] {
                        group.addTask { try await load.read(path) }
                    }
                    for _ in 1...3 {
                        try await load.goOn(Self.writes)
                        switch ending {
                        case .stop: try await server.down()
                        case .crash: try await server.crash()
                        }
                        try await server.up()
                    }
                    try await load.goOn(Self.writes)
                    tally.end()
                    try await group.waitForAll()
                }
                // Nobody did anything for it.
                #expect(try await api.send("GET", "/ready").status == 200)
            }
            #expect(tally.strange.isEmpty, "\(tally.strange)")
            let held = try await Self.holds(url)
            for (reason, refusals) in tally.held {
                let times = held[reason] ?? 0
                // What nobody could tell the end of is done again by whoever sends it again.
                #expect(times >= 1 && times <= 1 + refusals, "\(reason) is there \(times) times after \(refusals) refusals")
            }
            #expect(tally.held.contains { $0.value == 0 } && tally.held.count >= 4 * Self.writes)
            let names = try await database.rows("SELECT name FROM api_tokens").compactMap { $0.text(0) }
            for name in tally.made { #expect(names.count { $0 == name } == 1, "\(name)") }
            for name in tally.unknown { #expect(names.count { $0 == name } <= 1, "\(name)") }
            await database.close()
        }
    }

    enum Ending { case stop, crash }

    /// How often each reason is in the journal of staging.
    private static func holds(_ url: DatabaseURL) async throws -> [String: Int] {
        let store = try await PostgresStore(url)
        var found: [String: Int] = [:]
        var position: Int64 = 0
        let journal = JournalName(.environment, "staging")
        while case let page = try await store.read(journal, after: position, limit: 500), !page.isEmpty {
            for entry in page {
                let text = String(decoding: entry.body, as: UTF8.self)
                if let reason = text.firstMatch(of: /"reason":"(w[0-9]+-[0-9]+)"/)?.1 { found[String(reason), default: 0] += 1 }
            }
            position = page.last?.position ?? position
        }
        await store.close()
        return found
    }
}

/// What was answered, as all who ask write it down.
private final class Tally: Sendable {
    private struct State {
        var held: [String: Int] = [:]
        var made: [String] = []
        var unknown: [String] = []
        var strange: [String] = []
        var isOver = false
    }

    // Many tasks count, and none of them should wait for another.
    private let state = Mutex(State())

    /// The reasons of acknowledged holds, with how often each was refused before.
    var held: [String: Int] { state.withLock { $0.held } }
    /// The names of acknowledged tokens.
    var made: [String] { state.withLock { $0.made } }
    /// The names of those that were not.
    var unknown: [String] { state.withLock { $0.unknown } }
    /// Answers that nobody should get.
    var strange: [String] { state.withLock { $0.strange } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func end() { state.withLock { $0.isOver = true } }
    func hold(_ reason: String, after refusals: Int) { state.withLock { $0.held[reason] = refusals } }
    func token(_ name: String, isMade: Bool) {
        state.withLock { if isMade { $0.made.append(name) } else { $0.unknown.append(name) } }
    }
    func wonder(_ text: String) { state.withLock { $0.strange.append(text) } }
}

/// Who asks, again and again until it is over.
private struct Load: Sendable {
    let api: APIProcess
    let token: String
    let tally: Tally

    /// Holds an environment for one reason after the other, sending each with its key until it is acknowledged.
    func hold(_ name: String) async throws {
        var number = 0
        while !tally.isOver {
            number += 1
            let reason = "\(name)-\(number)"
            var refusals = 0
            while true {
                let answer = try await api.send(
                    "POST", "/api/environments/staging/hold", token: token, headers: ["Idempotency-Key": reason],
                    #"{"reason": "\#(reason)"}"#)
                if answer.status == 200 { break }
                refusals += 1
                check(answer, "hold", orElse: [409])
            }
            tally.hold(reason, after: refusals)
        }
    }

    /// Makes tokens, each once, whatever the answer is.
    func makeTokens(_ name: String) async throws {
        var number = 0
        while !tally.isOver {
            number += 1
            let answer = try await api.send(
                "POST", "/api/tokens", token: token, #"{"name": "\#(name)-\#(number)", "role": "ci"}"#)
            tally.token("\(name)-\(number)", isMade: answer.status == 201)
            if answer.status != 201 { check(answer, "token", orElse: []) }
        }
    }

    func read(_ path: String) async throws {
        while !tally.isOver {
            let answer = try await api.send("GET", path, token: token)
            if answer.status != 200 { check(answer, path, orElse: []) }
        }
    }

    /// Waits until so many more of both were acknowledged.
    func goOn(_ count: Int) async throws {
        let (held, made) = (tally.held.count + 4 * count, tally.made.count + 2 * count)
        while tally.held.count < held || tally.made.count < made { _ = try await api.send("GET", "/ready") }
    }

    /// A refusal says when to come again.
    private func check(_ answer: HTTPResponse, _ what: String, orElse known: Set<Int>) {
        let isKnown = answer.status == 503 || known.contains(answer.status)
        if !isKnown || answer.headers.first("Retry-After") == nil {
            tally.wonder("\(what): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
    }
}
