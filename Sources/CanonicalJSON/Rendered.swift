/// A value together with its canonical bytes, for what is large and is both hashed and written into a larger value.
///
/// Encodes as those bytes under ``Canonical``; any other encoder gets the value.
public struct Rendered<Value: Encodable>: Encodable {
    /// The value.
    public let value: Value
    /// Its canonical bytes.
    public let bytes: [UInt8]

    /// Renders `value`.
    public init(_ value: Value) {
        self.value = value
        bytes = Canonical.bytes(of: value)
    }

    /// Writes the bytes as they are.
    public func encode(to encoder: any Encoder) throws {
        if let ours = encoder as? NodeEncoder {
            ours.document.write(bytes, at: ours.node)
        } else {
            try value.encode(to: encoder)
        }
    }
}

extension Rendered: Sendable where Value: Sendable {}
