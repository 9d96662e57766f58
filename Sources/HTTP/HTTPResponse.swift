/// A complete answer, whatever its status: judging the status is the caller's business.
public struct HTTPResponse: Sendable {
    /// The status code, 200 to 599.
    public let status: Int
    /// The header fields of the last answer; those of redirects that were followed are gone.
    public let headers: HTTPHeaders
    /// The body, complete and as it was sent (no content coding is ever asked for).
    public let body: [UInt8]
    /// From handing the request over to having the whole body.
    public let elapsed: Duration

    /// An answer.
    public init(status: Int, headers: HTTPHeaders, body: [UInt8], elapsed: Duration) {
        self.status = status
        self.headers = headers
        self.body = body
        self.elapsed = elapsed
    }
}
