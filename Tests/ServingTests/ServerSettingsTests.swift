import Logging
import Testing

@testable import Serving

struct `What a service is told by its environment` {
    @Test func `is complete when nothing is set`() throws {
        let settings = try ServerSettings(environment: ["PORT": ""], defaultPort: 3001)
        #expect(settings == ServerSettings(host: "0.0.0.0", port: 3001, logLevel: .info))
    }

    @Test func `is read from HOST, PORT and LOG_LEVEL`() throws {
        let environment = ["HOST": "127.0.0.1", "PORT": "8080", "LOG_LEVEL": "Debug"]
        let settings = try ServerSettings(environment: environment, defaultPort: 3001)
        #expect(settings == ServerSettings(host: "127.0.0.1", port: 8080, logLevel: .debug))
    }

    @Test(arguments: [("PORT", "65536"), ("PORT", "-1"), ("PORT", "http"), ("LOG_LEVEL", "loud")])
    func `is refused with the variable's name`(name: String, value: String) {
        let error = #expect(throws: SettingsError.self) { try ServerSettings(environment: [name: value], defaultPort: 1) }
        #expect(error?.description.hasPrefix("\(name) is '\(value)'") == true)
    }
}

struct `A request's id` {
    @Test(arguments: ["a", "0123456789abcdef", "A.b_c-9", String(repeating: "x", count: 64)])
    func `is the caller's when it is harmless`(id: String) {
        #expect(RequestID.accepting(id) == id)
    }

    @Test(arguments: ["", "a b", "a\r\nSet-Cookie: x", "<b>", "é", "a\u{0}", "{\"}", String(repeating: "x", count: 65), nil])
    func `is a new one otherwise`(id: String?) {
        let new = RequestID.accepting(id)
        #expect(new.utf8.count == 16 && new.allSatisfy(\.isHexDigit))
        #expect(new != RequestID.accepting(id))
    }
}
