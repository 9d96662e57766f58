import Journal
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
        ("", "is empty"), ("https://u:hidden@shipit.example.com", "names an API"), ("mysql://u:hidden@db/x", "mysql://,"),
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
