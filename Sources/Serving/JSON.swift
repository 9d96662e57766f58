import FoundationEssentials
import HTTPTypes
public import Hummingbird

/// What the services answer with: JSON with sorted keys, so that equal answers are equal bytes.
public enum JSON {
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

    /// The answer 200 with `value`, which nobody may keep.
    public static func response(_ value: some Encodable) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes(of: value))))
    }
}
