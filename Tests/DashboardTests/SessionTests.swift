import HTTP
import Services
import Testing

struct `Who is signed in` {
    private static let token = "shipit_abcdefghijklm_0123456789abcdef"
    /// What our page sends with what changes something.
    private static let own: HTTPHeaders = [
        "X-Shipit-Page": "1", "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json",
    ]

    let client = HTTPClient()

    /// Sends a request to the page's service while the API answers `answer`; what the API was asked, and what came back.
    private func exchange(
        _ method: String, _ path: String, _ headers: HTTPHeaders, body: String? = nil, api answer: String
    ) async throws -> (question: String, response: HTTPResponse) {
        let api = try QuietPeer()
        var found: (String, HTTPResponse)?
        try await withDashboard(api: api.port) { service in
            let request = HTTPRequest(
                method: method, url: service.url(path), headers: headers, body: body.map { Array($0.utf8) })
            async let response = client.send(request)
            let wire = await api.accept()
            var question = await wire.receive(until: "\r\n\r\n")
            if let body, !question.hasSuffix(body) { question += await wire.receive(until: body) }
            wire.send("HTTP/1.1 \(answer)\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            found = (question, try await response)
        }
        return try #require(found)
    }

    /// Sends a request that must never reach the API.
    private func refused(
        _ method: String, _ path: String, _ headers: HTTPHeaders, body: String? = "{}"
    ) async throws -> HTTPResponse {
        var found: HTTPResponse?
        try await withDashboard(api: 1) { service in
            found = try await client.send(
                HTTPRequest(method: method, url: service.url(path), headers: headers, body: body.map { Array($0.utf8) }))
        }
        return try #require(found)
    }

    @Test func `types the token once, and it is kept where no script and no other site gets it`() async throws {
        let body = #"{"token":"\#(Self.token)"}"#
        let api = try QuietPeer()
        try await withDashboard(api: api.port) { service in
            async let answer = client.send(
                HTTPRequest(method: "POST", url: service.url("/session"), headers: Self.own, body: Array(body.utf8)))
            let wire = await api.accept()
            let question = await wire.receive(until: "\r\n\r\n")
            #expect(question.hasPrefix("GET /api/whoami ") && question.contains("Authorization: Bearer \(Self.token)\r\n"))
            wire.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            let response = try await answer
            let cookie = response.headers.first("Set-Cookie") ?? ""
            #expect(response.status == 200 && cookie.hasPrefix("shipit=\(Self.token); "))
            for word in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] { #expect(cookie.contains(word)) }
            #expect(!cookie.contains("Secure"), "there is no https on 127.0.0.1")
        }
    }

    @Test func `is known by a cookie that only https carries, anywhere but on this machine`() async throws {
        var headers = Self.own
        headers.append("Host", "shipit.example.org")
        headers.append("Cookie", "shipit=shipit_other_1; __Host-shipit=\(Self.token)")
        let asked = try await exchange("GET", "/api/runs", headers, api: "200 OK").question
        #expect(asked.contains("Authorization: Bearer \(Self.token)\r\n") && !asked.contains("Cookie"))
        let gone = try await refused("DELETE", "/session", headers, body: nil)
        let cookie = gone.headers.first("Set-Cookie") ?? ""
        #expect(gone.status == 204 && cookie.hasPrefix("__Host-shipit=; ") && cookie.contains("Max-Age=0"))
        #expect(cookie.contains("; Secure"))
    }

    @Test(arguments: [
        ("401 Unauthorized", 401, ""), ("403 Forbidden", 403, ""), ("429 Too Many Requests", 429, "1"),
        ("500 Internal Server Error", 502, "2"),
    ])
    func `is nobody when the API does not know the token`(answer: String, status: Int, pause: String) async throws {
        let api = try QuietPeer()
        try await withDashboard(api: api.port) { service in
            let body = #"{"token":"\#(Self.token)"}"#
            async let response = client.send(
                HTTPRequest(method: "POST", url: service.url("/session"), headers: Self.own, body: Array(body.utf8)))
            let wire = await api.accept()
            _ = await wire.receive(until: "\r\n\r\n")
            wire.send("HTTP/1.1 \(answer)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            let found = try await response
            #expect(found.status == status && found.headers.first("Set-Cookie") == nil)
            #expect((found.headers.first("Retry-After") ?? "") == pause)
            #expect(!String(decoding: found.body, as: UTF8.self).contains(Self.token))
        }
    }

    @Test(arguments: ["", "{}", #"{"token":1}"#, #"{"token":"ghp_abc"}"#, #"{"token":"shipit_a\r\nX: y"}"#, "[]"])
    func `types something else, which goes nowhere`(body: String) async throws {
        let response = try await refused("POST", "/session", Self.own, body: body)
        #expect(response.status == 400 && response.headers.first("Set-Cookie") == nil)
    }

    @Test func `decides with a bounded body, a key and a trace`() async throws {
        var headers = Self.own
        for (name, value) in [
            ("Cookie", "shipit=\(Self.token)"), ("Idempotency-Key", "k-1"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("X-Request-ID", "r-1"),
            ("Authorization", "Bearer other"),
        ] { headers.append(name, value) }
        let body = #"{"decision":"approve","change":"ab"}"#
        let (question, response) = try await exchange("POST", "/api/runs/1/approval", headers, body: body, api: "409 Conflict")
        #expect(question.hasPrefix("POST /api/runs/1/approval ") && question.hasSuffix(body))
        for line in [
            "Authorization: Bearer \(Self.token)", "Idempotency-Key: k-1", "X-Request-ID: r-1",
            "Content-Type: application/json",
        ] { #expect(question.lowercased().contains(line.lowercased() + "\r\n"), "\(line)") }
        #expect(
            question.contains("traceparent: 00-0af7651916cd43dd8448eb211c80319c-"), "the trace goes on, with a part of our own")
        #expect(!question.contains("other") && response.status == 409)
        let long = String(repeating: "x", count: 20_000)
        #expect(try await refused("POST", "/api/runs/1/approval", Self.own, body: long).status == 413)
    }

    /// Who asks, as browsers say it, and whether that is our own page on 127.0.0.1.
    private static let strangers: [HTTPHeaders] = [
        [:], ["X-Shipit-Page": "1"], ["Sec-Fetch-Site": "same-origin"], ["X-Shipit-Page": "0", "Sec-Fetch-Site": "same-origin"],
        ["X-Shipit-Page": "1", "Sec-Fetch-Site": "cross-site"], ["X-Shipit-Page": "1", "Sec-Fetch-Site": "same-site"],
        ["X-Shipit-Page": "1", "Sec-Fetch-Site": "none"], ["X-Shipit-Page": "1", "Origin": "https://evil.example"],
        ["X-Shipit-Page": "1", "Origin": "null"],
        ["X-Shipit-Page": "1", "Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"],
    ]

    @Test(
        arguments: strangers.indices,
        [("POST", "/api/runs/1/cancel"), ("DELETE", "/api/environments/a/hold"), ("POST", "/session"), ("DELETE", "/session")])
    func `is not spoken for by another site`(stranger: Int, route: (String, String)) async throws {
        var headers = Self.strangers[stranger]
        headers.append("Cookie", "shipit=\(Self.token)")
        headers.append("Content-Type", "application/json")
        let response = try await refused(route.0, route.1, headers, body: route.0 == "POST" ? "{}" : nil)
        #expect(response.status == 403 && response.headers.first("Content-Type") == "application/problem+json")
        #expect(response.headers.first("Set-Cookie") == nil)
    }

    @Test func `is let through by the origin alone where a browser says no more`() async throws {
        try await withDashboard(api: 1) { service in
            let headers: HTTPHeaders = ["X-Shipit-Page": "1", "Origin": "http://127.0.0.1:\(service.port)"]
            let response = try await client.send(HTTPRequest(method: "DELETE", url: service.url("/session"), headers: headers))
            #expect(response.status == 204)
        }
    }
}
