import Foundation
import Postgres
import Processes
import Testing

/// A PostgreSQL server of one test alone, which it may end as it likes.
struct OwnPostgres {
    /// The folder that holds its data.
    let folder: String
    /// Its superuser's URL.
    let url: URLComponents

    /// Runs `body` with a server, and takes it away afterwards with its data.
    static func with(_ body: (OwnPostgres) async throws -> Void) async throws {
        try await made("up", [], body)
    }

    /// Runs `body` with a streaming replica of this server, and takes that away afterwards.
    func withStandby(_ body: (OwnPostgres) async throws -> Void) async throws {
        try await Self.made("standby", [folder], body)
    }

    private static func made(
        _ command: String, _ arguments: [String], _ body: (OwnPostgres) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shipit-api-pg-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outcome: Result<Void, any Error>
        do {
            let url = try #require(URLComponents(string: try await script(command, folder, arguments)))
            outcome = .success(try await body(OwnPostgres(folder: folder, url: url)))
        } catch { outcome = .failure(error) }
        _ = try await script("down", folder)
        try outcome.get()
    }

    /// Where its first database is.
    var database: DatabaseURL {
        get throws { try DatabaseURL(url.string ?? "") }
    }

    /// Starts it again, on the same port.
    func up() async throws { _ = try await Self.script("up", folder) }

    /// Stops it, rolling back what is under way.
    func down() async throws { _ = try await Self.script("down", folder) }

    /// Kills all of it.
    func crash() async throws { _ = try await Self.script("crash", folder) }

    /// Stops the process of a session where it stands, or lets it go on.
    func freeze(_ session: Int64, _ isFrozen: Bool = true) { kill(pid_t(session), isFrozen ? SIGSTOP : SIGCONT) }

    /// What `Tests/Support/postgres` prints.
    ///
    /// Foundation's `Process` would wait for the server itself, which inherits a socket of it.
    private static func script(_ command: String, _ folder: String, _ arguments: [String] = []) async throws -> String {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Support/postgres").standardized.path
        let captured = try await capture(
            Command(script, [command, folder] + arguments, environment: Command.inheritedEnvironment, deadline: .seconds(90)))
        try #require(captured.outcome.succeeded, "\(captured.errorText)")
        return captured.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
