public import CanonicalJSON
public import Hashing

extension Canonical {
    /// The SHA-256 sum of the bytes of `value`.
    public static func sum(of value: some Encodable) -> SHA256Sum {
        SHA256Sum(of: bytes(of: value))
    }
}
