/// The name of one journal of a ledger, written `run/ID`, `environment/NAME` or `ledger/NAME`.
///
/// The name's part after the slash is 1 to 64 of `a–z`, `0–9`, `.`, `_` and `-`, so that it can stand in a path, a URL and a
/// database column without being escaped, and sorts the same everywhere.
public struct JournalName: Hashable, Sendable {
    /// What a journal is about.
    public enum Kind: String, Sendable, CaseIterable {
        /// What was done to the ledger itself.
        case ledger
        /// One execution of a pipeline.
        case run
        /// The place releases live in.
        case environment
    }

    /// What the journal is about.
    public let kind: Kind
    /// The run's id, the environment's name, or what was done to the ledger.
    public let name: String

    /// The journal of this kind called `name`.
    ///
    /// - Precondition: `isValid(name)`. Text from outside goes through `init?(_:)` or is asked first.
    public init(_ kind: Kind, _ name: String) {
        precondition(Self.isValid(name), "a journal's name is 1 to 64 of a-z, 0-9, '.', '_', '-': \(name.debugDescription)")
        self.kind = kind
        self.name = name
    }

    /// Reads the written name; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), Self.isValid(parts[1]) else { return nil }
        self.kind = kind
        self.name = String(parts[1])
    }

    /// Whether `name` can stand after the slash.
    public static func isValid(_ name: some StringProtocol) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}

extension JournalName: CustomStringConvertible {
    /// The written name, as in `run/ID`.
    public var description: String { "\(kind.rawValue)/\(name)" }
}

extension JournalName: Comparable {
    /// The order of the written names, byte by byte; whoever locks several journals locks them in this order.
    public static func < (left: JournalName, right: JournalName) -> Bool {
        (left.kind.rawValue, left.name) < (right.kind.rawValue, right.name)
    }
}

extension JournalName: Codable {
    /// Reads the written name.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let name = JournalName(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a journal's name: run/ID, environment/NAME or ledger/NAME wanted")
        }
        self = name
    }

    /// Writes the written name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
