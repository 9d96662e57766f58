import CanonicalJSON
public import HTTPTypes
public import Hummingbird

/// An error as a caller gets it: `application/problem+json` (RFC 9457).
///
/// Its type is `about:blank`, so the title is the status's own words and `detail` says what happened here.
public struct Problem: Error, Sendable, Hashable {
    /// The HTTP status.
    public let status: HTTPResponse.Status
    /// What happened and what to do: full sentences that hold no secret.
    public let detail: String
    /// What the answer says beside that, such as whom to ask or what is allowed.
    public let headers: HTTPFields
    /// After how many seconds trying again makes sense; nil where it does not.
    public let retryAfter: Int?

    /// An error with this status.
    public init(_ status: HTTPResponse.Status, _ detail: String, retryAfter: Int? = nil, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.retryAfter = retryAfter
        self.headers = headers
    }

    private struct Body: Encodable {
        var type = "about:blank"
        var title: String
        var status: Int
        var detail: String
    }

    /// The answer that tells it.
    public var response: Response {
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        let body = Body(title: status.reasonPhrase, status: status.code, detail: detail)
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: Canonical.bytes(of: body))))
    }
}
