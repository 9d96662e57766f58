import Testing

@testable import ControlPlane
@testable import Serving

struct `The API's settings` {
    @Test(arguments: [
        [:], ["DATABASE_URL": ""], ["DATABASE_URL": "mysql://u:hunter2hunter2@h/d"], ["LEDGER_URL": "https://u:hunter2hunter2@h"],
        ["DATABASE_URL": "postgres://u:hunter2hunter2@h/d", "LEDGER_URL": "mysql://u:hunter2hunter2@h/d"],
        ["DATABASE_URL": "postgres://u:p@hunter2hunter2@h:x/d"], ["LEDGER_URL": "postgres://u:hunter2hunter2@h/d"],
        ["DATABASE_URL": "postgres://u:p@h/d", "DATABASE_REPLICA_URL": "mysql://u:hunter2hunter2@h/d"],
        ["LEDGER_URL": "/tmp/hunter2hunter2.db", "API_READ": "anyone"],
    ])
    func `are refused with the variable's name and without the password`(environment: [String: String]) {
        let error = #expect(throws: SettingsError.self) { try ControlPlane(environment: environment) }
        #expect(error?.description.contains("_URL") == true && error?.description.contains("hunter2") == false)
    }

    @Test(arguments: [
        ["DATABASE_URL": "postgres://u:p@h/d"], ["LEDGER_URL": "postgres://u:p@h/d", "API_READ": "anyone"],
        ["DATABASE_URL": "postgres://u:p@h/d", "LEDGER_URL": "postgresql://u:p@h/e"],
        ["DATABASE_URL": "postgres://u:p@h/d", "DATABASE_REPLICA_URL": "postgres://u:p@i/d"],
        ["DATABASE_URL": "postgres://u:p@h/d", "DATABASE_REPLICA_URL": ""],
    ])
    func `need one database, which need not answer yet`(environment: [String: String]) throws {
        _ = try ControlPlane(environment: environment)
    }

    @Test(arguments: [
        ("API_READ", "all"), ("API_PROJECT", "no project"), ("API_PROJECT", "../x"), ("API_PROXIES", "10.0.0.0/8;x"),
        ("API_AUDIT_DAYS", "0"), ("API_AUDIT_DAYS", "ever"),
    ])
    func `say who may read and what project it is, and nothing else is taken`(variable: String, value: String) {
        let error = #expect(throws: SettingsError.self) { try AccessSettings(environment: [variable: value]) }
        #expect(error?.description.contains(variable) == true)
    }

    @Test func `say who is believed about callers, how often they may ask, and how long the record is kept`() throws {
        let read = try AccessSettings(environment: ["API_PROXIES": "10.0.0.0/8", "API_RATE": "7", "API_AUDIT_DAYS": "30"])
        #expect(try read == AccessSettings(rate: 7, proxies: Proxies("10.0.0.0/8", of: "API_PROXIES"), auditDays: 30))
    }

    @Test func `need a token for reading unless somebody says otherwise`() throws {
        #expect(try AccessSettings(environment: [:]) == AccessSettings(project: "default", readingIsOpen: false))
        #expect(try AccessSettings(environment: ["API_READ": "anyone", "API_PROJECT": "shop"]).readingIsOpen)
    }
}
