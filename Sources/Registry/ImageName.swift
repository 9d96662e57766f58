import HTTP

/// Where an image lives: a registry and a repository in it, as in `ghcr.io/org/repo/api`; no tag and no digest.
public struct ImageName: Hashable, Sendable {
    /// The registry: a host, with a port where one is written.
    public let host: String
    /// The path in the registry, as in `org/repo/api`.
    public let repository: String

    /// Parses `HOST[:PORT]/PATH`, as in `ghcr.io/org/repo/api`.
    ///
    /// The path's grammar is the distribution specification's, "Pulling manifests". The registry must be written out: names
    /// without one mean Docker Hub to some tools and this machine to others.
    public init(_ text: String) throws(RegistryError) {
        func refusal(_ why: String) -> RegistryError {
            RegistryError(
                .invalidName, "The image name \"\(text)\" was refused: \(why). Write it as ghcr.io/OWNER/REPOSITORY/SERVICE.")
        }
        if text.contains("@") { throw refusal("a digest does not belong to a name") }
        guard let slash = text.firstIndex(of: "/") else { throw refusal("it names no registry, or no repository in it") }
        let host = String(text[..<slash])
        let repository = String(text[text.index(after: slash)...])
        let (name, port) = try Self.split(host, refusal)
        guard name.contains(".") || name == "localhost" || port != nil else {
            throw refusal("\"\(host)\" is no registry: it has no dot and no port, and is not localhost")
        }
        if repository.contains(":") { throw refusal("a tag does not belong to a name") }
        guard text.utf8.allSatisfy({ !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
            throw refusal("registries take lower case only")
        }
        guard text.utf8.count <= 255 else { throw refusal("it is longer than 255 bytes") }
        guard repository.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ Self.isComponent($0) }) else {
            throw refusal("each part of its path is of letters and digits, joined by single '.', '_' or '-' or by '__'")
        }
        self.host = host
        self.repository = repository
    }

    /// The host without its port.
    public var hostName: String { host.split(separator: ":").first.map { String($0) } ?? host }

    /// Whether the registry runs on this machine; only then plain http is spoken.
    public var isLoopback: Bool { HTTPAddress.isLoopback(host: hostName) }

    /// The address of the repository's `path`, as in `manifests/latest`.
    func url(_ path: String) -> String {
        "\(isLoopback ? "http" : "https")://\(host)/v2/\(repository)/\(path)"
    }

    private static func split(_ host: String, _ refusal: (String) -> RegistryError) throws(RegistryError) -> (Substring, Int?) {
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        let name = parts[0]
        let isName =
            !name.isEmpty && !name.hasPrefix("-") && !name.hasPrefix(".") && !name.hasSuffix(".")
            && name.utf8.allSatisfy { $0.isLetterOrDigit || "-.".utf8.contains($0) }
        guard isName, parts.count <= 2 else { throw refusal("\"\(host)\" is no host") }
        guard parts.count == 2 else { return (name, nil) }
        guard parts[1].utf8.allSatisfy({ $0.isDigit }), let port = Int(parts[1]), (1...65535).contains(port) else {
            throw refusal("\"\(parts[1])\" is no port")
        }
        return (name, port)
    }

    /// Whether `text` matches `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
    private static func isComponent(_ text: Substring) -> Bool {
        var separator = ""
        var hasLetter = false
        for character in text {
            if character.utf8.allSatisfy({ $0.isLowerCaseOrDigit }) {
                guard separator.isEmpty || hasLetter && isSeparator(separator) else { return false }
                hasLetter = true
                separator = ""
            } else {
                separator.append(character)
            }
        }
        return hasLetter && separator.isEmpty
    }

    private static func isSeparator(_ text: String) -> Bool {
        text == "." || text == "_" || text == "__" || text.allSatisfy { $0 == "-" }
    }
}

extension ImageName: CustomStringConvertible {
    /// The name as it is written.
    public var description: String { "\(host)/\(repository)" }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLowerCaseOrDigit: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || isDigit }
    var isLetterOrDigit: Bool { (self | 0x20).isLowerCaseOrDigit && self & 0x40 == 0x40 || isDigit }
}
