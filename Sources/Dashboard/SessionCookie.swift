import HTTPTypes
import Hummingbird

/// The cookie that holds the token of who is signed in: no script sees it, no other site sends it, and it crosses no network in the clear.
enum SessionCookie {
    /// How long somebody stays signed in, in seconds: a day's work.
    private static let life = 12 * 3600
    /// The longest token that is taken.
    private static let longest = 200

    /// The token that came with a request.
    static func token(in request: Request) -> String? {
        let name = name(for: request)
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
                if parts.count == 2, parts[0] == name, isToken(parts[1]) { return parts[1] }
            }
        }
        return nil
    }

    /// Whether `text` can be a token, and so can be written into a header.
    static func isToken(_ text: String) -> Bool {
        text.hasPrefix("shipit_") && text.utf8.count <= longest
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
    }

    /// The `Set-Cookie` that keeps `token`; without one, that lets go of it.
    static func header(_ token: String?, for request: Request) -> String {
        let secure = isOnThisMachine(request) ? "" : "; Secure"
        return
            "\(name(for: request))=\(token ?? ""); Path=/; Max-Age=\(token == nil ? 0 : life); HttpOnly; SameSite=Strict\(secure)"
    }

    /// The prefix lets browsers refuse a cookie of this name that another host of the domain sets.
    private static func name(for request: Request) -> String {
        isOnThisMachine(request) ? "shipit" : "__Host-shipit"
    }

    /// Whether the browser reached us over the loopback interface, where there is no https and nobody listens.
    private static func isOnThisMachine(_ request: Request) -> Bool {
        guard let authority = request.head.authority else { return false }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        return host == "localhost" || host == "127.0.0.1" || host == "::1"
    }
}
