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
        let document = Document()
        do {
            try value.encode(to: NodeEncoder(document: document, node: document.root))
        } catch {
            preconditionFailure("\(type(of: value)) cannot be encoded: \(error)")
        }
        return document.bytes
    }

    /// Reads bytes back.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}
