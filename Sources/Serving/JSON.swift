import CanonicalJSON
import HTTPTypes
public import Hummingbird

/// What the services answer with: JSON with sorted keys, so that equal answers are equal bytes.
public enum JSON {
    /// The answer 200 with `value`, which nobody may keep.
    public static func response(_ value: some Encodable) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: Canonical.bytes(of: value))))
    }
}
