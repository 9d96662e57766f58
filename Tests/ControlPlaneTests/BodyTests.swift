import Foundation
import HTTP
import Services
import Testing

@testable import ControlPlane

struct `A request's body` {
    @Test(arguments: [
        (["Content-Type": "text/plain"], 415), (["Content-Type": "application/x-www-form-urlencoded"], 415),
        (["Content-Type": "application/json; charset=utf-8"], 400),
        (["Content-Type": "application/json", "Content-Encoding": "gzip"], 415),
    ])
    func `is plain JSON`(headers: [String: String], status: Int) async throws {
        try await withFullAPI { api in
            let admin = try await api.token(.admin)
            #expect(try await api.send("POST", "/api/tokens", token: admin, headers: headers, "{}").status == status)
        }
    }

    @Test func `has a bound, told before it is read and held when its length is not told`() async throws {
        try await withFullAPI { api in
            let admin = try await api.token(.admin)
            let long = try await api.send("POST", "/api/tokens", token: admin, String(repeating: " ", count: 20_000))
            #expect(long.status == 413)
            let wire = try Wire(to: api.service.port)
            wire.send(
                """
                POST /api/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(admin)\r\nContent-Type: application/json\r\n\
                Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n
                """)
            for _ in 0..<5 { wire.send("1000\r\n" + String(repeating: " ", count: 4096) + "\r\n") }
            wire.send("0\r\n\r\n")
            #expect(await wire.receive().hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `is not read of who may not send it`() async throws {
        try await withFullAPI { api in
            let wire = try Wire(to: api.service.port)
            wire.send(
                "POST /api/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n")
            // Not one byte of it was sent.
            #expect(await wire.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test(arguments: ["/api/tokens", "/api/runs"])
    func `and its method must fit the path`(path: String) async throws {
        try await withFullAPI { api in
            let answer = try await api.send("PUT", path, "{}")
            #expect(answer.status == 405)
            #expect(answer.headers.first("Allow") == (path == "/api/runs" ? "GET, HEAD" : "GET, HEAD, POST"))
        }
    }
}
