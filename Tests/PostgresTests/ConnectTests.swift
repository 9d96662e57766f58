import Foundation
import Postgres
import PostgresServer
import Testing

/// What connecting says, and what it never says.
@Suite struct ConnectTests {
    private let secret = "s3cr3t-%24-word"

    @Test func `refuses a wrong password without showing it`() async throws {
        var url = try await PostgresServer.url
        url.percentEncodedPassword = secret
        let error = try #require(await failure { _ = try await connect(url) })
        #expect(error.code == .refused)
        #expect(error.sqlState == "28P01")
        #expect(!error.passing)
        #expect(!"\(error)".contains("s3cr3t"))
    }

    @Test func `says that the database is missing`() async throws {
        var url = try await PostgresServer.url
        url.path = "/nowhere"
        let error = try #require(await failure { _ = try await connect(url) })
        #expect(error.code == .databaseMissing)
        #expect(error.message.contains("/nowhere"))
    }

    @Test func `says that no server answers`() async throws {
        // Bound and not listening: nobody else gets the port, and the kernel refuses whoever comes.
        let port = try ReservedPort()
        let error = try #require(
            await failure { _ = try await connect(URLComponents(string: "postgres://u:\(secret)@127.0.0.1:\(port.number)/d")!) })
        #expect(error.code == .unreachable)
        #expect(error.passing)
        #expect(error.message.contains("127.0.0.1:\(port.number)"))
        #expect(!"\(error)".contains("s3cr3t"))
    }

    @Test func `gives up on a server that accepts and is silent`() async throws {
        let port = try ReservedPort(isListening: true)
        let url = URLComponents(string: "postgres://u@127.0.0.1:\(port.number)/d")!
        let error = await failure { _ = try await connect(url, timeout: .milliseconds(200)) }
        #expect(error?.code == .unreachable)
        let waiting = Task { await failure { _ = try await connect(url, timeout: .seconds(60)) } }
        waiting.cancel()
        #expect(await waiting.value?.code == .cancelled)
    }

    @Test func `names itself to the server`() async throws {
        try await withConnection { connection, _ in
            let result = try await connection.query("SELECT current_setting('application_name')")
            #expect(result.rows.first?.text(0) == "shipit test")
        }
    }

    @Test(arguments: [
        "", "host=h password=hidden", "https://u:hidden@h/d", "postgres://u:hid/den@h/d", "postgres://u:hid@den@h/d",
        "postgres://u:12/hidden@h/d", "postgres://u:hidden@h:port/d", "postgres://u:hidden@h/d?nothing=known",
        "postgres://u:hidden@h/d\u{0}",
    ])
    func `refuses what is no database URL without showing it`(text: String) {
        let error = #expect(throws: PostgresError.self) { try DatabaseURL(text) }
        #expect(error?.code == .other)
        #expect(error?.description.contains("hid") == false)
        #expect(error?.description.contains("den") == false)
    }

    @Test(arguments: [
        ("postgres://u:hidden@h:5433/d?sslmode=require", "postgres://u@h:5433/d"),
        ("postgresql://h/d?password=hidden&user=u", "postgres://u@h/d"),
        ("postgres://u:hidden@[::1]:1/d", "postgres://u@[::1]:1/d"),
        ("postgres://u:hidden@a:1,b:2/d", "postgres://u@a,b:1,2/d"),
        ("postgres://u:hidden%40%2F@h/d", "postgres://u@h/d"),
    ])
    func `is never printed with its password`(text: String, shown: String) throws {
        let url = try DatabaseURL(text)
        #expect(url.description == shown)
        var dumped = ""
        dump([url], to: &dumped)
        for text in [String(reflecting: url), "\(Optional(url) as Any)", dumped] {
            #expect(!text.contains("hidden"))
        }
    }
}
