import Foundation
import Postgres
import PostgresServer

/// Opens a connection to `url` with what the tests do not care about.
func connect(_ url: URLComponents, timeout: Duration = .seconds(30)) async throws -> Connection {
    try await Connection(DatabaseURL(url.string ?? ""), applicationName: "shipit test", connectTimeout: timeout)
}

/// Runs `body` with a connection to a fresh database.
func withConnection(_ body: (Connection, URLComponents) async throws -> Void) async throws {
    try await PostgresServer.withDatabase { url in
        let connection = try await connect(url)
        try await body(connection, url)
        await connection.close()
    }
}

/// The error `body` fails with; nil when it succeeds or fails with something else.
func failure(_ body: () async throws -> Void) async -> PostgresError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

extension Connection {
    /// The number of this session's process in the server.
    func pid() async throws -> Int64 {
        try await query("SELECT pg_backend_pid()").rows.first?.integer(0) ?? 0
    }
}

/// Waits until the session `pid` runs a statement, as the server sees it.
func waitUntilActive(_ pid: Int64, in url: URLComponents) async throws {
    let seen = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND wait_event = 'PgSleep'"
    while try await PostgresServer.run(seen, [.integer(pid)], in: url).rows.isEmpty {
        try await Task.sleep(for: .milliseconds(10))
    }
}
