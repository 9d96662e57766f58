/// An address without its secrets.
///
/// Of HTTP all user information goes: a token may stand in either place. Elsewhere the user name is part of the address
/// (`ssh://git@host/…`) and only the password goes. `git@host:path` has none.
func withoutCredentials(_ address: String) -> String {
    guard let scheme = address.firstRange(of: "://") else { return address }
    let rest = address[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard let at = authority.lastIndex(of: "@") else { return address }
    let user = authority[..<at].prefix { $0 != ":" }
    let keepsUser = !address.lowercased().hasPrefix("http") && !user.isEmpty
    return address[..<scheme.upperBound] + (keepsUser ? user + "@" : "") + rest[rest.index(after: at)...]
}
