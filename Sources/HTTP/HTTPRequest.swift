/// One request: what to send, how long it may take, and how much may come back.
public struct HTTPRequest: Sendable {
    /// The method, upper case: `GET`, `HEAD`, `PUT` and so on.
    public var method: String
    /// An absolute `http` or `https` address.
    public var url: String
    /// Header fields, sent in this order.
    ///
    /// `Authorization` never follows a redirect to another host, port or scheme.
    public var headers: HTTPHeaders
    /// The bytes to send; nil sends no body and no `Content-Length`.
    public var body: [UInt8]?
    /// The most the whole exchange may take: resolving, connecting, redirects and the body.
    public var deadline: Duration
    /// The most bytes of a body to take; a longer one is `tooLarge`.
    public var responseLimit: Int
    /// How many redirects to follow.
    ///
    /// `GET` and `HEAD` only: any other method gets the 3xx answer as it is, since sending an effect to a second address is
    /// the caller's decision.
    public var redirects: Int
    /// Whether it goes over a connection of its own.
    ///
    /// Over one that was kept libcurl sends a request again by itself when the other side ends it without a word, which may have done
    /// what was asked: nobody would know.
    public var isSentOnce: Bool

    /// A request; with the defaults a `GET` of at most 30 s and 1 MiB that follows no redirect.
    public init(
        method: String = "GET",
        url: String,
        headers: HTTPHeaders = [:],
        body: [UInt8]? = nil,
        deadline: Duration = .seconds(30),
        responseLimit: Int = 1 << 20,
        redirects: Int = 0,
        isSentOnce: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.responseLimit = responseLimit
        self.redirects = redirects
        self.isSentOnce = isSentOnce
    }
}
