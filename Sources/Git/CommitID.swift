import CGit2

/// The full name of a commit: the 40 lower-case hexadecimal digits of its SHA-1.
public struct CommitID: Hashable, Sendable, CustomStringConvertible {
    /// The digits.
    public let hex: String

    /// Accepts exactly 40 lower-case hexadecimal digits.
    public init(_ hex: String) throws(GitError) {
        guard hex.utf8.count == 40, hex.utf8.allSatisfy(Self.isDigit) else {
            throw GitError(
                .invalidCommitID, "\"\(hex)\" is no commit identifier: that takes all 40 lower-case hexadecimal digits.")
        }
        self.hex = hex
    }

    init(_ oid: git_oid) {
        hex = oid.hex
    }

    /// The digits.
    public var description: String { hex }

    /// The first twelve digits, for people to read; never to look anything up by.
    public var short: String { String(hex.prefix(12)) }

    var oid: git_oid {
        var oid = git_oid()
        // Cannot fail: the digits were checked.
        unsafe git_oid_fromstr(&oid, hex)
        return oid
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension CommitID: Codable {
    /// Reads the digits; anything else is corrupt data.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(container.decode(String.self))
        } catch let error as GitError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    /// Writes the digits as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

extension git_oid {
    /// The 40 digits.
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return unsafe withUnsafeBytes(of: id) { raw in
            String(decoding: unsafe raw.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        }
    }
}
