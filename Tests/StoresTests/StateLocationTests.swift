import Foundation
import Journal
import RemoteStores
import Stores
import Testing

/// What `SHIPIT_STATE` may say.
@Suite struct StateLocationTests {
    @Test(arguments: ["ledger.db", "/var/lib/shipit/a:b.db", "./postgres/ledger", "C:/odd"])
    func `takes a path as a file of this machine`(text: String) throws {
        let location = try StateLocation(parsing: text)
        #expect(location == .file(path: text))
        #expect(location.description == text)
        #expect(!location.isShared)
    }

    @Test(arguments: ["postgres", "postgresql"]) func `takes a URL as a shared database`(scheme: String) throws {
        let location = try StateLocation(parsing: "\(scheme)://team:hidden@db:5433/ledger?sslmode=require")
        #expect(location.isShared)
        #expect(location.description == "postgres://team@db:5433/ledger")
        var dumped = ""
        dump(location, to: &dumped)
        #expect(!dumped.contains("hidden") && !"\(location)\(String(reflecting: location))".contains("hidden"))
    }

    @Test(arguments: [
        ("https://shipit.example.com", "https://shipit.example.com"),
        ("https://shipit.example.com/", "https://shipit.example.com"),
        ("https://example.com:8443/shipit/api-1", "https://example.com:8443/shipit/api-1"),
        ("http://localhost:3001", "http://localhost:3001"), ("http://127.8.9.1:1", "http://127.8.9.1:1"),
        ("http://[::1]:3001/", "http://[::1]:3001"),
    ])
    func `takes the address of an API as a shared ledger, over plain http on this machine alone`(
        text: String, shown: String
    ) throws {
        let location = try StateLocation(parsing: text)
        #expect(location.isShared)
        #expect(location.description == shown)
    }

    @Test(arguments: [
        ([:], "there is no token"), (["SHIPIT_TOKEN": ""], "there is no token"),
        (["SHIPIT_TOKEN": "hidden hidden"], "no token in SHIPIT_TOKEN"),
        (["SHIPIT_TOKEN": "hidden\r\nX: y"], "no token in SHIPIT_TOKEN"),
        (["SHIPIT_TOKEN": "hidden-1", "SHIPIT_TOKEN_FILE": "/none"], "both set"), (["SHIPIT_TOKEN_FILE": "/none"], "/none"),
        (["GITHUB_ACTIONS": "true"], "id-token: write"),
        (
            ["ACTIONS_ID_TOKEN_REQUEST_URL": "http://github.example.com", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "hidden-1"],
            "no https:// address"
        ),
    ])
    func `needs a token for an API, or an identity, and says how to get one`(
        variables: [String: String], reason: String
    ) async throws {
        let location = try StateLocation(parsing: "http://127.0.0.1:1")
        let error = await #expect(throws: StoreError.self) { try await Stores.open(location, variables: variables) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains(reason) == true && error?.message.contains("hidden") == false)
    }

    @Test func `a token from a file loses its line end, and neither it nor what a job asks with is shown by anything`()
        async throws
    {
        try await withFolder { folder in
            let file = folder.appending(path: "token")
            try Data("shipit_hidden_1\n".utf8).write(to: file)
            let token = try #require(try APIToken(variables: ["SHIPIT_TOKEN_FILE": file.path]))
            #expect(token.text == "shipit_hidden_1")
            let identity = try #require(
                try JobIdentity(variables: [
                    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://github.example.com", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "hidden-2",
                ]))
            for secret in [token, identity] as [Any] {
                var dumped = ""
                dump(secret, to: &dumped)
                #expect(!"\(secret)\(String(reflecting: secret))\(dumped)".contains("hidden"))
            }
        }
    }

    @Test(arguments: [
        ("", "is empty"), ("https://u:hidden@shipit.example.com", "SHIPIT_TOKEN"), ("http://shipit.example.com", "use https://"),
        ("http://127.0.0.1.example.com", "use https://"), ("https://shipit.example.com/?x=hidden", "no place"),
        ("https://shipit.example.com/#hidden", "no place"), ("https://shipit.example.com/a%2fb", "path"),
        ("https://", "cannot be read"), ("https://shipit.example.com:port", "cannot be read"),
        ("mysql://u:hidden@db/x", "mysql://,"),
        ("postgres://u:hidden@db:port/x", "cannot be read"), ("postgres://u:hid/hidden@db/x", "cannot be read"),
    ])
    func `refuses what it does not know, and shows no password`(text: String, reason: String) throws {
        let error = #expect(throws: StoreError.self) { try StateLocation(parsing: text) }
        #expect(error?.code == .failed)
        #expect(error?.message.contains(reason) == true)
        #expect(error?.message.contains("hid") == false)
        #expect(error?.message.contains("SHIPIT_STATE") == true)
    }
}
