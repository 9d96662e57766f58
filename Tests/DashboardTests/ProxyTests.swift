import HTTP
import Services
import Testing

@testable import Dashboard
@testable import Serving

enum Dashboards {
    static func inEmptyFolder() throws -> Dashboard { try Dashboard(folder: "/nonexistent", api: "http://127.0.0.1:1") }
}

struct `The way to the API` {
    let client = HTTPClient()

    @Test func `passes the question on, and of the answer only what is about its content`() async throws {
        let api = try QuietPeer()
        try await withDashboard(api: api.port) { service in
            let request = HTTPRequest(
                url: service.url("/api/runs?limit=2&before=x%2D1"),
                headers: [
                    "X-Request-ID": "trace-1",
                    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "rojo=00f0",
                    "Cookie": "secret=1",
                    "Authorization": "Bearer secret", "Accept-Language": "de",
                ])
            async let answer = client.send(request)
            let wire = await api.accept()
            let question = await wire.receive(until: "\r\n\r\n")
            wire.send(
                """
                HTTP/1.1 418 I'm a teapot\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nRetry-After: 7\r\n\
                Set-Cookie: a=b\r\nServer: x\r\nKeep-Alive: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\n{ }\r\n0\r\n\r\n
                """)
            let response = try await answer
            #expect(question.hasPrefix("GET /api/runs?limit=2&before=x%2D1 HTTP/1.1\r\n"))
            #expect(question.contains("X-Request-ID: trace-1\r\n"))
            // The same trace, and a part of it that is this service's.
            #expect(question.contains("traceparent: 00-0af7651916cd43dd8448eb211c80319c-"))
            #expect(question.contains("tracestate: rojo=00f0\r\n"))
            #expect(!question.contains("b7ad6b7169203331") && question.contains("-01\r\n"))
            for word in ["secret", "Cookie", "Authorization", "Language"] { #expect(!question.contains(word)) }
            #expect(response.status == 418 && response.body == Array("{ }".utf8))
            #expect(response.headers.first("Content-Type") == "application/json")
            #expect(response.headers.first("Cache-Control") == "no-store")
            #expect(response.headers.first("Retry-After") == "7")
            #expect(response.headers.first("X-Request-ID") == "trace-1")
            for name in ["Set-Cookie", "Server", "Keep-Alive", "Transfer-Encoding"] {
                #expect(response.headers.first(name) == nil)
            }
        }
    }

    @Test(arguments: [("", "127.0.0.1"), ("127.0.0.1", "203.0.113.9, 127.0.0.1")])
    func `says for whom it asks, and believes of that only what comes from a proxy`(proxies: String, callers: String) async throws
    {
        let api = try QuietPeer()
        let environment = ["API_URL": "http://127.0.0.1:\(api.port)", "WEB_PROXIES": proxies]
        try await withDashboard(environment: environment) { service in
            for (method, path, body) in [
                ("GET", "/api/runs", nil), ("POST", "/session", #"{"token": "shipit_a"}"#),
            ] {
                var headers: HTTPHeaders = ["X-Forwarded-For": "192.0.2.1, 203.0.113.9"]
                if body != nil {
                    for (name, value) in [
                        ("X-Shipit-Page", "1"), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/json"),
                    ] { headers.append(name, value) }
                }
                let request = HTTPRequest(
                    method: method, url: service.url(path), headers: headers, body: body.map { Array($0.utf8) })
                async let answer = client.send(request)
                let wire = await api.accept()
                let question = await wire.receive(until: "\r\n\r\n")
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
                #expect(question.contains("X-Forwarded-For: \(callers)\r\n"), "\(question)")
                _ = try await answer
            }
        }
    }

    @Test func `ends with 504 when the API says nothing`() async throws {
        let api = try QuietPeer()
        try await withDashboard(api: api.port, deadline: .milliseconds(200)) { service in
            let response = try await client.send(HTTPRequest(url: service.url("/api/runs")))
            #expect(response.status == 504 && response.elapsed < .seconds(10))
            #expect(try ProblemBody(response).status == 504)
            #expect(response.headers.first("Retry-After") == "2")
        }
    }

    @Test func `ends with 502 when nobody listens there, while the page lives`() async throws {
        let port = try QuietPeer().port
        try await withDashboard(api: port) { service in
            let response = try await client.send(HTTPRequest(url: service.url("/api/ready")))
            let problem = try ProblemBody(response)
            #expect(response.status == 502 && problem.title == "Bad Gateway" && problem.type == "about:blank")
            #expect(response.headers.first("Retry-After") == "2")
            #expect(!problem.detail.contains("\(port)"), "callers are not told where the API is")
            #expect(try await client.send(HTTPRequest(url: service.url("/health"))).status == 200)
        }
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "no HTTP at all\r\n\r\n", ""])
    func `ends with 502 when the answer is broken`(answer: String) async throws {
        let api = try QuietPeer()
        try await withDashboard(api: api.port) { service in
            async let response = client.send(HTTPRequest(url: service.url("/api/runs")))
            do {
                let wire = await api.accept()
                _ = await wire.receive(until: "\r\n\r\n")
                wire.send(answer)
            }
            let status = try await response.status
            #expect(status == 502)
        }
    }

    @Test(arguments: ["PUT", "PATCH", "OPTIONS", "TRACE"])
    func `takes no other methods than the API does`(method: String) async throws {
        try await withDashboard(api: 1) { service in
            let response = try await client.send(HTTPRequest(method: method, url: service.url("/api/runs")))
            #expect(response.status == 405 && response.headers.first("Allow") == "GET, HEAD, POST, DELETE")
        }
    }

    @Test func `passes on what follows as it comes, and lets go with who followed`() async throws {
        let api = try QuietPeer()
        try await withDashboard(api: api.port, deadline: .seconds(5)) { service in
            let page = try Wire(to: service.port)
            page.send(
                "GET /api/runs/1/stream HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\nLast-Event-ID: 7\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n"
            )
            let wire = await api.accept()
            let question = await wire.receive(until: "\r\n\r\n")
            #expect(question.contains("Last-Event-ID: 7\r\n") && question.contains("Accept: text/event-stream\r\n"))
            #expect(question.contains("traceparent: 00-0af7651916cd43dd8448eb211c80319c-"))
            wire.send(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: no\r\nConnection: close\r\n\r\nid: 8\ndata: one\n\n"
            )
            // It arrives although the answer has not ended, and what stands before us is asked to hold nothing back either.
            let first = await page.receive(until: "data: one\n\n")
            #expect(first.hasPrefix("HTTP/1.1 200 OK\r\n") && first.lowercased().contains("content-type: text/event-stream"))
            #expect(first.lowercased().contains("x-accel-buffering: no\r\n"))
            wire.send("id: 9\ndata: two\n\n")
            #expect(await page.receive(until: "data: two\n\n").contains("id: 9"))
        }
    }

    @Test func `waits for who reads slowly, and so does the API, and nothing is lost`() async throws {
        let api = try QuietPeer()
        try await withDashboard(api: api.port) { service in
            // More than the system takes on both ways together.
            let log = [UInt8](repeating: UInt8(ascii: "~"), count: 32 << 20)
            let page = try Wire(to: service.port, holding: 16 << 10)
            page.send("GET /api/runs/1/stages/build/log HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            let wire = await api.accept()
            _ = await wire.receive(until: "\r\n\r\n")
            wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(log.count)\r\n\r\n")
            // Until nobody takes anything any more, since nobody reads.
            let taken = await wire.offer(log, pause: 500)
            #expect(taken < log.count, "what nobody reads is not kept")
            async let rest = wire.offer(Array(log[taken...]), pause: 60_000)
            let answer = await page.rest()
            #expect(await rest == log.count - taken)
            #expect(answer.starts(with: Array("HTTP/1.1 200 OK\r\n".utf8)))
            #expect(answer.count { $0 == UInt8(ascii: "~") } == log.count)
        }
    }

    @Test func `lets go when nobody holds the content any more`() async throws {
        let api = try QuietPeer()
        let client = HTTPClient()
        let request = HTTPRequest(url: "http://127.0.0.1:\(api.port)/")
        func begun() async throws -> Wire {
            async let following = client.follow(request, idle: .seconds(60), patience: .seconds(60))
            let wire = await api.accept()
            _ = await wire.receive(until: "\r\n\r\n")
            wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n")
            #expect(try await following.status == 200)
            return wire
        }
        let wire = try await begun()
        let start = ContinuousClock.now
        #expect(await wire.receive().isEmpty && start.duration(to: .now) < .seconds(30), "the connection is closed")
    }

    @Test func `lets go of who takes nothing`() async throws {
        let api = try QuietPeer()
        let client = HTTPClient()
        async let following = client.follow(
            HTTPRequest(url: "http://127.0.0.1:\(api.port)/"), idle: .seconds(60), patience: .milliseconds(300))
        let wire = await api.accept()
        _ = await wire.receive(until: "\r\n\r\n")
        let log = [UInt8](repeating: UInt8(ascii: "~"), count: 32 << 20)
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: \(log.count)\r\n\r\n")
        let content = try await following.content
        #expect(await wire.offer(log, pause: 60_000) < log.count)
        await #expect { for try await _ in content {} } throws: { ($0 as? HTTPError)?.code == .timedOut }
    }

    @Test func `follows as long as something comes, and no longer`() async throws {
        let api = try QuietPeer()
        let client = HTTPClient()
        async let following = client.follow(
            HTTPRequest(url: "http://127.0.0.1:\(api.port)/"), idle: .seconds(1), patience: .seconds(60))
        let wire = await api.accept()
        _ = await wire.receive(until: "\r\n\r\n")
        wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n")
        var text = ""
        do {
            for try await bytes in try await following.content { text += String(decoding: bytes, as: UTF8.self) }
            Issue.record("the pause was not noticed")
        } catch {
            #expect((error as? HTTPError)?.code == .timedOut)
        }
        #expect(text == "data: one\n\n")
    }

    @Test func `is finished for who is under way when the service is told to stop`() async throws {
        let api = try QuietPeer()
        try await withDashboard(api: api.port) { service in
            async let answer = client.send(HTTPRequest(url: service.url("/api/runs")))
            let wire = await api.accept()
            _ = await wire.receive(until: "\r\n\r\n")
            await service.stop()
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Type: application/json\r\n\r\nlate")
            let response = try await answer
            #expect(response.status == 200 && response.body == Array("late".utf8))
        }
    }
}
