import CanonicalJSON
import HTTPTypes
import Hashing
public import Hummingbird

/// What the services answer with: JSON with sorted keys, so that equal answers are equal bytes.
public enum JSON {
    /// The answer 200 with `value`, which nobody may keep.
    public static func response(_ value: some Encodable) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: Canonical.bytes(of: value))))
    }

    /// The answer to `request` with `value`, which the caller may keep and must ask for again: 304 when they have just this.
    public static func response(_ value: some Encodable, to request: Request) -> Response {
        Prepared(value).response(to: request)
    }

    /// A value that is ready to be sent to many.
    public struct Prepared: Sendable {
        private let bytes: ByteBuffer
        private let tag: String

        /// Prepares `value`.
        public init(_ value: some Encodable) {
            let content = Canonical.bytes(of: value)
            bytes = ByteBuffer(bytes: content)
            tag = "\"\(SHA256Sum(of: content).hex.prefix(32))\""
        }

        /// The answer with it, as `JSON.response(_:to:)` gives it.
        public func response(to request: Request) -> Response {
            var headers: HTTPFields = [.cacheControl: "private, no-cache", .eTag: tag]
            if isHeld(by: request) == true { return Response(status: .notModified, headers: headers) }
            headers[.contentType] = "application/json"
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
        }

        /// Whether this is what the caller has, by the tags that they sent; nil when they sent none.
        public func isHeld(by request: Request) -> Bool? { request.holds(tag) }
    }
}
