import Foundation
import HTTP
import Journal
import LedgerAPI
import Postgres
import PostgresStores
import Processes
import Testing

@testable import ControlPlane

/// A PostgreSQL that proves who it is by a certificate for `localhost`, which an authority of this test has signed.
struct `A database whose certificate is checked` {
    @Test func `is used when it is the right one, and refused with the reason when it is not`() async throws {
        try await OwnPostgres.with { server in
            try await Self.certify(server)
            try await migrate(server.database)
            let (good, stranger) = ("\(server.folder)/ca.crt", "\(server.folder)/other.crt")
            func url(_ host: String, _ authority: String) -> String {
                var url = server.url
                url.host = host
                url.queryItems = [
                    .init(name: "sslmode", value: "verify-full"), .init(name: "sslrootcert", value: authority),
                    .init(name: "hostaddr", value: "127.0.0.1"),
                ]
                return url.string ?? ""
            }
            let right = url("localhost", good)
            try await APIProcess.with(["DATABASE_URL": right, "LEDGER_URL": right, "API_READ": "anyone"]) { api in
                for path in ["/ready", "/api/announcements"] {
                    let answer = try await api.send("GET", path)
                    #expect(answer.status == 200)
                }
            }
            for wrong in [url("127.0.0.1", good), url("localhost", stranger)] {
                for (database, ledger) in [(wrong, right), (right, wrong)] {
                    let variables = ["DATABASE_URL": database, "LEDGER_URL": ledger, "API_READ": "anyone"]
                    let log = try await APIProcess.with(variables) { api in
                        let (own, ready) = (try await api.send("GET", "/api/announcements"), try await api.send("GET", "/ready"))
                        #expect(own.status == (database == right ? 200 : 503) && ready.status == 503)
                    }
                    Self.expectReason(in: log, server)
                }
                // What SHIPIT_STATE is opened by.
                let error = await #expect(throws: StoreError.self) {
                    try await PostgresStore(try DatabaseURL(wrong)).close()
                }
                Self.expectReason(in: "\(try #require(error))", server)
            }
            try await PostgresStore(try DatabaseURL(right)).close()
        }
    }

    private static func expectReason(in text: String, _ server: OwnPostgres) {
        #expect(text.contains("certificate") && text.contains("sslrootcert"), "\(text)")
        #expect(!text.contains(server.url.password ?? ""))
    }

    private static func certify(_ server: OwnPostgres) async throws {
        let script = """
            set -eu
            cd "$0"
            authority() { openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj "/CN=$1" -keyout "$1.key" -out "$1.crt"; }
            authority ca
            authority other
            openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout data/server.key -out server.csr
            echo subjectAltName=DNS:localhost > names
            openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 1 -extfile names -out data/server.crt
            chmod 600 data/server.key
            chown --reference data data/server.key data/server.crt
            echo 'ssl = on' >> data/postgresql.conf
            """
        let captured = try await capture(
            Command("sh", ["-c", script, server.folder], environment: Command.inheritedEnvironment, deadline: .seconds(60)))
        try #require(captured.outcome.succeeded, "\(captured.errorText)")
        try await server.down()
        try await server.up()
    }
}
