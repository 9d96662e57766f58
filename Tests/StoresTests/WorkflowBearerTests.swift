import Foundation
import Journal
import LedgerAPI
import Pipeline
import Postgres
import PostgresServer
import Stores
import Synchronization
import Testing

/// A ledger behind an API, as a workflow of GitHub Actions uses it that has no token of its own.
@Suite(.serialized) struct WorkflowBearerTests {
    /// An API that trusts a double of GitHub's issuer, and what was learned to be secret.
    private final class Scene: Sendable {
        let issuer: GitHubIssuer
        let api: LedgerAPI
        let database: URLComponents
        private let learned = Mutex<[String]>([])

        init(_ issuer: GitHubIssuer, _ api: LedgerAPI, _ database: URLComponents) {
            self.issuer = issuer
            self.api = api
            self.database = database
        }

        var secrets: [String] { learned.withLock { $0 } }

        func open(_ changes: [String: String] = [:]) async throws -> any Store {
            try await Stores.open(
                StateLocation(parsing: api.state), variables: issuer.variables.merging(changes) { $1 }
            ) { secret in self.learned.withLock { $0.append(secret) } }
        }

        /// How often the job asked GitHub who it is.
        var asked: Int { get async throws { try await issuer.count("/job/asked") } }

        func revokeAll() async throws {
            try await PostgresServer.run("UPDATE api_tokens SET revoked_at = now()", in: database)
        }
    }

    private func withScene(for life: TimeSpan = .minutes(60), _ body: (Scene) async throws -> Void) async throws {
        let issuer = try await GitHubIssuer()
        try await PostgresServer.withDatabase { database in
            try await LedgerAPI.with(database, trusting: issuer, for: life) { api in
                try await body(Scene(issuer, api, database))
            }
        }
    }

    @Test func `is opened for whoever set the workflow off, with every secret told before it is used`() async throws {
        try await withScene { scene in
            let store = try await scene.open()
            #expect(store.actor == "octocat")
            #expect(try await store.heads(of: .run, before: nil, limit: 1) == [])
            #expect(try await scene.asked == 1)
            #expect(scene.secrets.count == 2)
            #expect(scene.secrets.first?.split(separator: ".").count == 3, "the identity")
            #expect(scene.secrets.last?.hasPrefix("shipit_") == true, "the token")
            await store.close()
        }
    }

    @Test func `a token that somebody was given goes before, and GitHub is not asked`() async throws {
        try await withScene { scene in
            let store = try await scene.open(["SHIPIT_TOKEN": try await scene.api.token("developer", for: "dora")])
            #expect(store.actor == "dora")
            #expect(try await scene.asked == 0)
            await store.close()
        }
    }

    @Test func `goes on for longer than a token lives`() async throws {
        try await withScene(for: .seconds(2)) { scene in
            let store = try await scene.open()
            var position: Int64 = 0
            // Each call with the token of its time: none of them fails.
            while try await scene.asked < 4 {
                _ = try await store.now()
                position += 1
            }
            #expect(position > 4)
            #expect(Set(scene.secrets).count == scene.secrets.count)
            await store.close()
        }
    }

    @Test func `one token more is got for all whose token is not taken any more`() async throws {
        try await withScene { scene in
            let store = try await scene.open()
            try await scene.revokeAll()
            let lease = try await withThrowingTaskGroup(of: LeaseAnswer.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await store.acquire(
                            "environment/\(number)",
                            for: LeaseHolder(id: "h", host: "h", user: "octocat", process: nil, purpose: "h"), ttl: .seconds(9))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(lease.allSatisfy { $0.granted != nil })
            #expect(try await scene.asked == 2)
            await store.close()
        }
    }

    @Test func `is refused when the next token is not taken either`() async throws {
        try await withScene { scene in
            let store = try await scene.open()
            try await scene.revokeAll()
            try await PostgresServer.run("ALTER TABLE api_tokens ALTER COLUMN revoked_at SET DEFAULT now()", in: scene.database)
            let error = await #expect(throws: StoreError.self) { _ = try await store.now() }
            #expect(error?.code == .refused && error?.message.contains("revoked") == true, "\(String(describing: error))")
            #expect(try await scene.asked == 2)
            await store.close()
        }
    }

    @Test func `while GitHub is away the token there is does, until it ends`() async throws {
        // Calls that came after the first vain question: a machine that stalls in the last quarter of a token's life has none.
        var served = 0
        for life: Int64 in [2, 16, 120] where served == 0 {
            try await withScene(for: .seconds(life)) { scene in
                let store = try await scene.open()
                try await scene.issuer.post("/job?status=503")
                let failure: StoreError
                while true {
                    do throws(StoreError) { _ = try await store.now() } catch {
                        failure = error
                        break
                    }
                    if try await scene.asked > 1 { served += 1 }
                }
                #expect(failure.code == .unreachable && failure.message.contains("HTTP 503"), "\(failure)")
                try await scene.issuer.post("/job")
                _ = try await store.now()
                await store.close()
            }
        }
        #expect(served > 0)
    }

    @Test func `who is cancelled does not wait for GitHub`() async throws {
        try await withScene { scene in
            try await scene.issuer.post("/job?status=0")
            let opening = Task { _ = try await scene.open() }
            while try await scene.asked == 0 { await Task.yield() }
            opening.cancel()
            let error = await #expect(throws: StoreError.self) { try await opening.value }
            #expect(error?.message.contains("cancelled") == true, "\(String(describing: error))")
            try await scene.issuer.post("/job")
        }
    }

    @Test func `which of the two steps failed is told, with what to do, and no secret`() async throws {
        try await withScene { scene in
            for (path, claims, code, words) in [
                ("/job?status=403", [:], StoreError.Code.refused, ["GitHub was asked", "HTTP 403", "id-token: write"]),
                ("/job?body=nothing", [:], .refused, ["GitHub was asked", "holds no identity"]),
                (
                    "/job", ["sub": "repo:acme/other:pull_request"], .refused,
                    ["\(scene.api.state) gave no token", "'repo:acme/other:pull_request' is not trusted", "API_GITHUB_SUBJECTS"]
                ),
                ("/job", ["sub": "repo:acme/shop:x", "actor": ""], .refused, ["gave no token", "API_GITHUB_AUDIENCE"]),
            ] as [(String, [String: String], StoreError.Code, [String])] {
                try await scene.issuer.post(path, claims)
                let error = await #expect(throws: StoreError.self) { _ = try await scene.open() }
                #expect(error?.code == code)
                for word in words { #expect(error?.message.contains(word) == true, "\(word): \(String(describing: error))") }
                for secret in scene.secrets + [scene.issuer.secret] { #expect(error?.message.contains(secret) == false) }
            }
        }
    }
}
