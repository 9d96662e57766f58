import Foundation
import HTTP
import Testing

/// A server with a certificate for `localhost` that only its own file vouches for.
@Suite struct TLSTests {
    let folder: URL
    let server: Server
    var certificate: String { folder.appendingPathComponent("crt").path }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("shipit-tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = folder.appendingPathComponent("key").path
        let crt = folder.appendingPathComponent("crt").path
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", crt,
        ]
        openssl.standardError = FileHandle.nullDevice  // dots of progress
        try openssl.run()
        openssl.waitUntilExit()
        server = try Server(tls: [crt, key])
    }

    func get(_ client: HTTPClient, host: String) async -> Result<Int, HTTPError> {
        do throws(HTTPError) {
            return .success(try await client.send(HTTPRequest(url: "https://\(host):\(server.port)/status/200")).status)
        } catch {
            return .failure(error)
        }
    }

    @Test func `trusts only who is vouched for, and only under the certificate's name`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let trusting = HTTPClient(certificateAuthorities: certificate)
        #expect(try await get(trusting, host: "localhost").get() == 200)
        let answers = [await get(HTTPClient(), host: "localhost"), await get(trusting, host: "127.0.0.1")]
        for answer in answers {
            #expect { try answer.get() } throws: { ($0 as? HTTPError)?.code == .tls }
        }
    }
}
