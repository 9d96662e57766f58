import Hashing

/// A token as its owner holds it: `shipit_ID_SECRET`.
///
/// Only the id and the hash of the secret are kept. A plain hash is enough: nobody guesses 256 random bits, so there is nothing that
/// a slow hash would make slower.
struct TokenText: Sendable {
    private static let prefix = "shipit"
    private static let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
    private static let idLength = 13

    /// What the token is known by.
    let id: String
    /// The hash of the secret.
    let sum: SHA256Sum
    private let secret: SHA256Sum

    /// A new token of 256 random bits, from the system's own source.
    static func random() -> TokenText {
        let id = String((0..<idLength).map { _ in letters[Int.random(in: 0..<letters.count)] })
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255) }
        return TokenText(id: id, secret: SHA256Sum(of: bytes))
    }

    /// Reads a token; nil for anything else.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.prefix, Self.isID(parts[1]), let secret = SHA256Sum(hex: parts[2]) else {
            return nil
        }
        self.init(id: String(parts[1]), secret: secret)
    }

    private init(id: String, secret: SHA256Sum) {
        self.id = id
        self.secret = secret
        sum = SHA256Sum(of: secret.bytes)
    }

    /// Whether this may be the id of a token.
    static func isID(_ text: some StringProtocol) -> Bool {
        text.count == idLength && text.allSatisfy(letters.contains)
    }

    /// What is told once, to whoever made it.
    var text: String { "\(Self.prefix)_\(id)_\(secret.hex)" }

    /// Whether the hash that is kept is this one's; takes as long whether or not, and wherever they differ.
    func matches(_ kept: [UInt8]) -> Bool {
        guard kept.count == sum.bytes.count else { return false }
        return zip(kept, sum.bytes).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension TokenText: CustomStringConvertible, CustomReflectable {
    /// The token without its secret.
    var description: String { "\(Self.prefix)_\(id)_…" }

    /// Nothing that a dump could print.
    var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
