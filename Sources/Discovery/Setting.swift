/// What to do with a variable that the compose file of development gives to a service.
enum Setting {
    /// It is the same everywhere.
    case literal(String)
    /// Each environment has its own.
    case own
    /// It is for development.
    case dropped

    /// - Parameters:
    ///   - name: the variable's name.
    ///   - raw: as the compose file has it; nil where it is handed through.
    ///   - absent: the services that are not part of a release, such as databases.
    init(_ name: String, _ raw: String?, absent: Set<String>) {
        guard let raw, !SecretWords.sound(in: name), raw.firstMatch(of: /:\/\/[^\/\s@]*:[^\/\s@]*@/) == nil else {
            self = .own
            return
        }
        let value = Compose.filled(raw)
        let hosts = value.split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "_" && $0 != "." }.map(String.init)
        let lower = value.lowercased()
        if Self.saysMode(name), ["development", "dev", "local", "debug", "true", "1", "test"].contains(lower) {
            self = .dropped
        } else if hosts.contains(where: absent.contains) || value.isEmpty && raw.contains("$") {
            self = .own
        } else if raw.firstMatch(of: /(?:^|[^$])\$(?:[A-Za-z_]|\{[A-Za-z_][A-Za-z0-9_]*(?:\}|:?\?))/) != nil {
            // A part of it has no value of its own.
            self = .own
        } else {
            self = .literal(value)
        }
    }

    private static func saysMode(_ name: String) -> Bool {
        ["DEBUG", "ENV", "ENVIRONMENT"].contains { name.uppercased() == $0 || name.uppercased().hasSuffix("_\($0)") }
    }

    /// A text as the name of a variable.
    static func variable(_ text: String) -> String {
        let name = String(
            text.uppercased().unicodeScalars.map { scalar -> Character in
                ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
            })
        return name.first?.isNumber ?? true ? "_" + name : name
    }
}
