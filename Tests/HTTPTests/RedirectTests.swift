import HTTP
import Testing

@Suite struct RedirectTests {
    let server: Server
    let client = HTTPClient()

    init() throws {
        server = try Server.shared.get()
    }

    func redirect(to url: String) throws -> String {
        try HTTPAddress(server.url("/redirect")).adding("to", url).text
    }

    func send(_ method: String = "GET", to target: String, redirects: Int) async throws -> HTTPResponse {
        try await client.send(
            HTTPRequest(
                method: method, url: redirect(to: target), headers: ["Authorization": "Bearer hunter2", "X-Other": "1"],
                redirects: redirects))
    }

    @Test func `follows none unless told to`() async throws {
        let response = try await send(to: "/echo", redirects: 0)
        #expect(response.status == 302)
        #expect(response.headers.first("Location") == "/echo")
        #expect(response.body == Array("moved".utf8))
    }

    @Test func `keeps the authorization on the same host`() async throws {
        let response = try await send(to: "/echo", redirects: 1)
        #expect(try Echo(response).value("Authorization") == "Bearer hunter2")
        #expect(response.headers.first("Location") == nil)
    }

    @Test func `drops the authorization on the way to another host`() async throws {
        let echo = try Echo(await send(to: server.url("/echo", host: "localhost"), redirects: 1))
        #expect(echo.value("Authorization") == nil)
        #expect(echo.value("X-Other") == "1")
    }

    @Test func `drops the authorization on the way to another port`() async throws {
        let other = try Server()
        let echo = try Echo(await send(to: other.url("/echo"), redirects: 1))
        #expect(echo.value("Authorization") == nil)
    }

    @Test func `leaves the redirect of an effect to the caller`() async throws {
        #expect(try await send("PUT", to: "/echo", redirects: 3).status == 302)
    }

    @Test func `ends a loop`() async {
        await #expect { try await client.send(HTTPRequest(url: server.url("/loop"), redirects: 3)) } throws: {
            ($0 as? HTTPError)?.code == .tooManyRedirects
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/"])
    func `never follows to another protocol`(target: String) async {
        await #expect { try await send(to: target, redirects: 3) } throws: { ($0 as? HTTPError)?.code == .invalidURL }
    }
}
