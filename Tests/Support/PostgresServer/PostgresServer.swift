import Dispatch
public import Foundation
import Glibc
public import Postgres

/// The PostgreSQL server that this process's tests share, and a database of its own for each of them.
///
/// The server is the one that SHIPIT_E2E_POSTGRES names as a superuser's URL, or one that is started for this process by
/// `Tests/Support/postgres` and goes, with its data, when the process ends in whatever way.
public enum PostgresServer {
    private static let starting = Task { () async throws -> URLComponents in
        if let given = ProcessInfo.processInfo.environment["SHIPIT_E2E_POSTGRES"], let url = URLComponents(string: given) {
            return url
        }
        return try await blocking { try start() }
    }

    /// The superuser's URL of a database that is there in any case, for what concerns the whole server.
    public static var url: URLComponents {
        get async throws { try await starting.value }
    }

    /// Runs `body` with the superuser's URL of a fresh and empty database, which is dropped afterwards.
    public static func withDatabase(_ body: (URLComponents) async throws -> Void) async throws {
        var url = try await url
        let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await run("CREATE DATABASE \(name)")
        url.path = "/" + name
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(url)) } catch { outcome = .failure(error) }
        try await run("DROP DATABASE \(name) WITH (FORCE)")
        try outcome.get()
    }

    /// Runs one statement in `database`, or in the server's first one, as the superuser.
    @discardableResult
    public static func run(_ sql: String, _ values: [Value] = [], in database: URLComponents? = nil) async throws -> QueryResult {
        let text = if let database { database.string } else { try await url.string }
        let connection = try await Connection(
            DatabaseURL(text ?? ""), applicationName: "shipit test", connectTimeout: .seconds(30))
        let result = try await connection.query(sql, values)
        await connection.close()
        return result
    }

    /// Starts a shell that starts the server, says where it is, and stops it at the end of a pipe whose other end only this
    /// process has.
    private static func start() throws -> URLComponents {
        let support = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let folder = FileManager.default.temporaryDirectory.appending(path: "shipit-postgres-\(UUID().uuidString)").path
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            trap '' INT TERM HUP
            "$0" up "$1" && read end
            "$0" down "$1"
            rm -rf "$1"
            """, support.appending(path: "postgres").path, folder,
        ]
        process.standardInput = input
        process.standardOutput = output
        // Nobody waits for this process: Foundation would take it as running while the server does.
        try process.run()
        // Open for as long as this process lives, and in none of its children.
        guard fcntl(input.fileHandleForWriting.fileDescriptor, F_DUPFD_CLOEXEC, 3) >= 0 else { throw POSIXError(.EMFILE) }
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            line.append(byte)
        }
        guard let url = URLComponents(string: String(decoding: line, as: UTF8.self)), url.port != nil else {
            throw CocoaError(.featureUnsupported, userInfo: [NSDebugDescriptionErrorKey: "PostgreSQL did not start"])
        }
        return url
    }

    /// Runs what blocks, away from the shared pool of threads.
    private static func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { done in
            DispatchQueue.global().async { done.resume(with: Result { try work() }) }
        }
    }
}
