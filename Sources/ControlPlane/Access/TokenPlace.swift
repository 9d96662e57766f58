/// Where a list of tokens goes on: behind the one that was made then, whether or not it is there still.
struct TokenPlace: Sendable, Hashable, CustomStringConvertible, Encodable {
    /// When the token was made, in microseconds since 1970.
    let made: Int64
    let id: String

    /// A token's place.
    init(made: Int64, id: String) {
        self.made = made
        self.id = id
    }

    /// Reads a place as an answer told it.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...16).contains(parts[0].utf8.count), parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let made = Int64(parts[0]), TokenText.isID(parts[1])
        else { return nil }
        self.init(made: made, id: String(parts[1]))
    }

    var description: String { "\(made).\(id)" }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
