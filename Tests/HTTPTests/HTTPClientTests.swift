import HTTP
import Testing

@Suite struct HTTPClientTests {
    let server: Server
    let client = HTTPClient()

    init() throws {
        server = try Server.shared.get()
    }

    func error(_ request: HTTPRequest) async -> HTTPError? {
        do throws(HTTPError) {
            _ = try await client.send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [("GET", nil), ("PUT", "content"), ("POST", ""), ("DELETE", nil), ("PATCH", "a\nb")])
    func `sends the method, the headers in order and the body as given`(method: String, body: String?) async throws {
        let headers: HTTPHeaders = ["X-One": "1", "Accept": "a/b, c/d", "X-Empty": "", "X-One": "2"]
        let response = try await client.send(
            HTTPRequest(method: method, url: server.url("/echo"), headers: headers, body: body.map { Array($0.utf8) }))
        let echo = try Echo(response)
        #expect(response.status == 200)
        #expect(echo.method == method)
        #expect(echo.body == body ?? "")
        #expect(
            echo.headers.filter { $0[0].hasPrefix("X-") || $0[0] == "Accept" }
                == [["X-One", "1"], ["Accept", "a/b, c/d"], ["X-Empty", ""], ["X-One", "2"]])
        #expect(echo.value("User-Agent") == "shipit")
        #expect(echo.value("Content-Type") == nil)
        #expect(echo.value("Expect") == nil)
        #expect(echo.value("Content-Length") == body.map { String($0.utf8.count) })
        #expect(response.elapsed > .zero)
    }

    @Test(arguments: [200, 204, 404, 500, 503]) func `returns every status as an answer`(status: Int) async throws {
        #expect(try await client.send(HTTPRequest(url: server.url("/status/\(status)"))).status == status)
    }

    @Test func `finds repeated fields by name in any case`() async throws {
        let headers = try await client.send(HTTPRequest(method: "HEAD", url: server.url("/repeat"))).headers
        #expect(headers.all("X-TWICE") == ["one", "two"])
        #expect(headers.first("x-twice") == "one")
        #expect(headers.first("X-Empty") == "")
        #expect(headers.first("X-Absent") == nil)
    }

    @Test func `returns the length, not the body, of a HEAD`() async throws {
        let response = try await client.send(HTTPRequest(method: "HEAD", url: server.url("/huge/5000"), responseLimit: 10))
        #expect(response.headers.first("content-length") == "5000")
        #expect(response.body.isEmpty)
    }

    @Test(arguments: ["/truncated", "/silent"]) func `refuses an answer that broke off`(path: String) async {
        #expect(await error(HTTPRequest(url: server.url(path)))?.code == .truncated)
    }

    @Test func `takes a body of exactly the limit`() async throws {
        let request = HTTPRequest(url: server.url("/huge/70000"), responseLimit: 70_000)
        #expect(try await client.send(request).body.count == 70_000)
    }

    @Test(arguments: ["/huge/70000", "/endless"]) func `refuses a body longer than the limit`(path: String) async {
        #expect(await error(HTTPRequest(url: server.url(path), responseLimit: 69_999))?.code == .tooLarge)
    }

    @Test func `gives up at the deadline`() async {
        #expect(await error(HTTPRequest(url: server.url("/slow"), deadline: .milliseconds(50)))?.code == .timedOut)
    }

    @Test func `says when nobody listens`() async throws {
        // Port 1 is reserved and has no listener; binding it takes privileges.
        let error = await error(HTTPRequest(url: "http://127.0.0.1:1/"))
        #expect(error?.code == .refused)
    }

    @Test func `says when a name has no address`() async {
        // RFC 6761: .invalid never resolves.
        let error = await error(HTTPRequest(url: "http://shipit.invalid/"))
        #expect(error?.code == .cannotResolve)
    }

    @Test(arguments: ["", "ghcr.io/v2/", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://a b/", "http://a/\0b"])
    func `refuses what is no http address`(url: String) async {
        #expect(await error(HTTPRequest(url: url))?.code == .invalidURL)
    }

    @Test(arguments: [("X-A", "1\r\nX-B: 2"), ("X-A", "1\n"), ("X-A", "\0"), ("X A", "1"), ("", "1"), ("X-A:", "1")])
    func `refuses a header that would smuggle another`(name: String, value: String) async {
        let request = HTTPRequest(url: server.url("/echo"), headers: HTTPHeaders([.init(name, value)]))
        #expect(await error(request)?.code == .invalidHeader)
    }

    @Test func `reuses a connection`() async throws {
        let first = try await client.send(HTTPRequest(url: server.url("/connection")))
        let second = try await client.send(HTTPRequest(url: server.url("/connection")))
        #expect(first.body == second.body)
    }

    @Test func `keeps credentials out of its errors`() async {
        let request = HTTPRequest(
            url: "http://user:hunter2@127.0.0.1:1/path?token=hunter2#hunter2", headers: ["Authorization": "Bearer hunter2"])
        let error = await error(request)
        #expect(error?.code == .refused)
        #expect(error?.description.contains("http://127.0.0.1:1/path") == true)
        #expect(!"\(String(reflecting: error))".contains("hunter2"))
        #expect(!"\(request.headers) \(String(reflecting: request.headers))".contains("hunter2"))
    }
}
