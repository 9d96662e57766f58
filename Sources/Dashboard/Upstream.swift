import HTTP
import Serving

/// The API behind the page, as an HTTP client sees it.
struct Upstream: Sendable {
    /// How long the API may take, and how much it may answer.
    struct Limits: Sendable {
        var deadline = Duration.seconds(5)
        var bytes = 8 << 20
        /// How long nothing may come while something is followed; the API says something more often than this.
        var idle = Duration.seconds(45)
        /// How long whoever follows may take nothing of what has come.
        var patience = Duration.seconds(120)
    }

    /// What is asked: a target that is known to be harmless, and headers and a body that were looked at.
    struct Question: Sendable {
        var method: String
        /// A path with its query.
        var target: String
        var headers: HTTPHeaders
        var body: [UInt8]?
    }

    /// What the API answered: its status, the headers that are about the content, and the content.
    struct Answer<Content: Sendable>: Sendable {
        let status: Int
        let headers: [(name: String, value: String)]
        let body: Content
    }

    /// Why there is no answer.
    enum Failure: Error {
        /// It did not come in time.
        case late(String)
        /// There was no connection, or the answer was broken or too long.
        case broken(String)

        init(_ error: HTTPError) {
            self = error.code == .timedOut ? .late(error.description) : .broken(error.description)
        }
    }

    /// What is passed on; all else, hop-by-hop headers (RFC 9110, section 7.6.1) among it, ends here.
    private static let passed = [
        "Content-Type", "Cache-Control", "Retry-After", "Allow", "ETag", "WWW-Authenticate", "Idempotency-Replayed",
        "Accept-Ranges", "Content-Range", "X-Accel-Buffering",
    ]

    private let base: String
    private let limits: Limits
    private let client = HTTPClient(userAgent: "shipit-web")

    /// The API at `base`, an absolute address without a path.
    init(_ base: String, limits: Limits) throws(SettingsError) {
        do throws(HTTPError) {
            var text = Substring(try HTTPAddress(base).text)
            while text.last == "/" { text = text.dropLast() }
            self.base = String(text)
        } catch {
            throw SettingsError("API_URL: \(error.description)")
        }
        self.limits = limits
    }

    /// Asks, and returns the whole answer.
    func send(_ question: Question) async throws(Failure) -> Answer<[UInt8]> {
        do throws(HTTPError) {
            let response = try await client.send(request(question))
            return Answer(status: response.status, headers: Self.about(response.headers), body: response.body)
        } catch {
            throw Failure(error)
        }
    }

    /// Asks for something that goes on, and returns when it begins.
    func follow(_ question: Question) async throws(Failure) -> Answer<AsyncThrowingStream<[UInt8], any Error>> {
        do throws(HTTPError) {
            let following = try await client.follow(request(question), idle: limits.idle, patience: limits.patience)
            return Answer(status: following.status, headers: Self.about(following.headers), body: following.content)
        } catch {
            throw Failure(error)
        }
    }

    private func request(_ question: Question) -> HTTPRequest {
        HTTPRequest(
            method: question.method, url: base + question.target, headers: question.headers, body: question.body,
            deadline: limits.deadline, responseLimit: limits.bytes)
    }

    private static func about(_ headers: HTTPHeaders) -> [(name: String, value: String)] {
        passed.compactMap { name in headers.first(name).map { (name, $0) } }
    }
}

extension ServiceContext {
    /// What the API learns of every request, whatever it is: by what the logs know it, and for whom it is asked.
    var passedOn: HTTPHeaders {
        var headers: HTTPHeaders = [
            "X-Request-ID": requestID, "traceparent": trace.header, "X-Forwarded-For": callers.joined(separator: ", "),
        ]
        if let state = trace.state { headers.append("tracestate", state) }
        return headers
    }
}
