import FoundationEssentials
public import Journal

/// The token for an API: the text of `SHIPIT_TOKEN`, of the file that `SHIPIT_TOKEN_FILE` names, or what the API gave for an identity;
/// shown nowhere.
public struct APIToken: Sendable, CustomStringConvertible, CustomReflectable {
    /// How long a text may be, in bytes.
    private static let lengths = 8...512

    /// The token itself: a secret.
    public let text: String
    /// Where it comes from, in words.
    let place: String

    /// Finds the token that somebody was given; nil where there is none.
    ///
    /// The error says where it was looked for.
    public init?(variables: [String: String]) throws(StoreError) {
        func value(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        switch (value("SHIPIT_TOKEN"), value("SHIPIT_TOKEN_FILE")) {
        case (let text?, nil): try self.init(text, from: "SHIPIT_TOKEN")
        case (nil, let path?):
            guard let content = FileManager.default.contents(atPath: path) else {
                throw StoreError(
                    .refused,
                    "SHIPIT_TOKEN_FILE names \(path), which cannot be read. Write the token there, readable by you alone.")
            }
            var text = Substring(String(decoding: content, as: UTF8.self))
            while text.last?.isNewline == true { text.removeLast() }
            try self.init(String(text), from: "the file that SHIPIT_TOKEN_FILE names")
        case (_?, _?):
            throw StoreError(.refused, "SHIPIT_TOKEN and SHIPIT_TOKEN_FILE are both set: unset one of them.")
        case (nil, nil): return nil
        }
    }

    /// A token of which `place` says where it comes from; refused when it cannot be one.
    init(_ text: String, from place: String) throws(StoreError) {
        guard Self.lengths.contains(text.utf8.count), text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
            throw StoreError(.refused, "There is no token in \(place): one is a single word, shipit_ID_SECRET.")
        }
        self.text = text
        self.place = place
    }

    /// Nothing of it.
    public var description: String { "a token" }

    /// Nothing that a dump could print.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
