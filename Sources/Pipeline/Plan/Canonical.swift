public import Hashing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The one way our values become bytes: JSON with sorted keys and no white space, the same on every machine.
public enum Canonical {
    /// The bytes of `value`.
    ///
    /// Our own types always encode; a failure is a defect and is said to be one.
    public static func bytes(of value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("\(type(of: value)) cannot be encoded: \(error)")
        }
    }

    /// The SHA-256 sum of the bytes of `value`.
    public static func sum(of value: some Encodable) -> SHA256Sum {
        SHA256Sum(of: bytes(of: value))
    }

    /// Reads bytes back.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}
