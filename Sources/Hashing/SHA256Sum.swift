import Crypto

/// A SHA-256 sum: 32 bytes, written as 64 lower-case hexadecimal digits.
public struct SHA256Sum: Hashable, Sendable {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// The sum of `content`.
    public init(of content: some Sequence<UInt8>) {
        var hash = SHA256()
        if content.withContiguousStorageIfAvailable({ unsafe hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
            hash.update(data: Array(content))
        }
        bytes = Array(hash.finalize())
    }

    /// The sum of the UTF-8 bytes of `text`.
    public init(of text: some StringProtocol) {
        self.init(of: text.utf8)
    }

    /// Reads 64 hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = Self.nibble(digits[index]), let low = Self.nibble(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// Takes 32 bytes as they are; nil when there are not 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Thirty-two zero bytes: what stands before the first entry of a chain.
    public static let zero = SHA256Sum(unchecked: Array(repeating: 0, count: 32))

    /// The 64 lower-case hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension SHA256Sum: CustomStringConvertible {
    /// The hexadecimal digits.
    public var description: String { hex }
}

extension SHA256Sum: Codable {
    /// Reads the hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let sum = SHA256Sum(hex: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a SHA-256 sum: 64 hexadecimal digits wanted")
        }
        self = sum
    }

    /// Writes the hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}
