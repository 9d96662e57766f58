import HTTP
import Testing

@Suite struct HTTPAddressTests {
    @Test(arguments: [
        ("https://ghcr.io/v2/", "https", "ghcr.io", 443), ("http://LOCALHOST:5000", "http", "localhost", 5000),
        ("https://u:p@[::1]:8443/x?q#f", "https", "[::1]", 8443),
    ])
    func `takes an address apart`(text: String, scheme: String, host: String, port: Int) throws {
        let address = try HTTPAddress(text)
        #expect(address.scheme == scheme)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test func `summarises without user, password, query and fragment`() throws {
        #expect(try HTTPAddress("https://u:p@host:8443/x/y?q=1#f").summary == "https://host:8443/x/y")
    }

    @Test(arguments: [
        ("/v2/x?last=b", "https://host/v2/x?last=b"), ("y", "https://host/a/y"), ("?n=2", "https://host/a/b?n=2"),
        ("http://other/z", "http://other/z"), ("//other/z", "https://other/z"),
    ])
    func `resolves a reference`(reference: String, expected: String) throws {
        #expect(try HTTPAddress("https://host/a/b?n=1").resolving(reference).text == expected)
    }

    @Test func `encodes what it adds to a query`() throws {
        let address = try HTTPAddress("https://host/token?a=1").adding("scope", "repository:o/r:pull,push & more")
        // Forms' encoding; libcurl's versions differ in the case of the digits.
        #expect(address.text.lowercased() == "https://host/token?a=1&scope=repository%3ao%2fr%3apull%2cpush+%26+more")
    }

    @Test(arguments: [
        ("localhost", true), ("127.0.0.1", true), ("127.8.9.10", true), ("[::1]", true), ("ghcr.io", false), ("10.0.0.1", false),
        ("127.0.0.1.evil.example", false), ("localhost.evil.example", false), ("127.evil.0.1", false),
    ])
    func `knows this machine`(host: String, expected: Bool) {
        #expect(HTTPAddress.isLoopback(host: host) == expected)
    }
}
