import Pipeline
import Serving

/// What a new token is to be, checked: the same for the command line and for REST.
struct TokenRequest: Sendable, Hashable {
    /// How long a token lives unless somebody says otherwise.
    static let life = TimeSpan.days(90)
    /// What a name may be, in words.
    private static let names = "1 to 64 printable ASCII characters, the first and the last no space"

    let name: String
    let role: Role
    let life: TimeSpan

    /// Reads what somebody wrote; the error says what is wrong with it.
    init(name: String, role: String, expires: String?) throws(SettingsError) {
        // It becomes the actor of events, and so is read in terminals, logs and pages.
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }),
            name.first != " ", name.last != " "
        else { throw SettingsError("The name of a token is \(Self.names).") }
        guard let role = Role(rawValue: role) else {
            let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError("There is no role of this name: use one of \(known).")
        }
        guard let life = expires.map({ TimeSpan($0) }) ?? Self.life else {
            throw SettingsError("A token expires after at most 366 days: write 12h or 90d.")
        }
        self.name = name
        self.role = role
        self.life = life
    }
}
