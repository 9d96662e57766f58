import HTTP
import Serving

/// The API behind the page, as an HTTP client sees it.
struct Upstream: Sendable {
    /// How long the API may take, and how much it may answer.
    struct Limits: Sendable {
        var deadline = Duration.seconds(5)
        var bytes = 8 << 20
    }

    /// What the API answered: its status, the headers that are about the content, and the content.
    struct Answer: Sendable {
        let status: Int
        let headers: [(name: String, value: String)]
        let body: [UInt8]
    }

    /// Why there is no answer.
    enum Failure: Error {
        /// It did not come in time.
        case late(String)
        /// There was no connection, or the answer was broken or too long.
        case broken(String)
    }

    /// What is passed on; all else, hop-by-hop headers (RFC 9110, section 7.6.1) among it, ends here.
    private static let passed = ["Content-Type", "Cache-Control", "Retry-After", "Allow", "ETag"]

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

    /// Asks for `target`, a path with its query that is known to be harmless.
    func send(_ method: String, _ target: String, for context: ServiceContext) async throws(Failure) -> Answer {
        let request = HTTPRequest(
            method: method, url: base + target,
            headers: [
                "Accept": "application/json", "X-Request-ID": context.requestID, "traceparent": context.trace.header,
            ],
            deadline: limits.deadline, responseLimit: limits.bytes)
        do throws(HTTPError) {
            let response = try await client.send(request)
            let headers = Self.passed.compactMap { name in response.headers.first(name).map { (name, $0) } }
            return Answer(status: response.status, headers: headers, body: response.body)
        } catch {
            throw error.code == .timedOut ? .late(error.description) : .broken(error.description)
        }
    }
}
