import CanonicalJSON
import HTTP
import Journal

/// One question to an API, asked again where its answer was lost.
struct RemoteCall {
    /// How often it is asked where nobody says when to come again, and how long one answer, and all of it, may take.
    private static let attempts = 6
    private static let deadline = Duration.seconds(10)
    private static let patience = Duration.seconds(30)
    /// The longest that is waited because of an answer that need not be the API's own, such as that of a proxy.
    private static let longestPause = Duration.seconds(5)
    private static let answerLimit = 256 << 20

    /// Why there is none.
    struct Failure: Error {
        let error: StoreError
        /// Whether the API may have done what it was asked all the same.
        let isUnknown: Bool
    }

    private enum Verdict {
        case answer(HTTPResponse)
        case failure(StoreError, isUnknown: Bool)
        /// The token is not taken.
        case unknownToken(StoreError)
        case again(StoreError, isUnknown: Bool, after: Duration?)
    }

    let address: APIAddress
    private let source: TokenSource?
    private let client: HTTPClient
    private var request: HTTPRequest
    /// Statuses that are an answer beside those of success.
    private var answers: Set<Int> = []

    /// A question.
    ///
    /// - Parameters:
    ///   - address: whom to ask.
    ///   - source: who asks; nil for nobody in particular.
    ///   - client: sends it.
    ///   - method: of HTTP.
    ///   - path: below the address, beginning with a slash.
    ///   - query: names and values.
    ///   - pause: how long the API may take on purpose.
    init(
        _ address: APIAddress, _ source: TokenSource?, _ client: HTTPClient, _ method: String, _ path: String,
        query: [(String, String)] = [], pause: Duration = .zero
    ) throws(StoreError) {
        self.address = address
        self.source = source
        self.client = client
        do throws(HTTPError) {
            var url = try HTTPAddress("\(address)\(path)")
            for (name, value) in query { url = try url.adding(name, value) }
            request = HTTPRequest(
                method: method, url: url.text,
                // By which the API's log knows all tries of it.
                headers: ["Accept": "application/json", "X-Request-ID": String(UInt64.random(in: .min ... .max), radix: 16)],
                deadline: Self.deadline + pause,
                responseLimit: Self.answerLimit)
        } catch {
            throw StoreError(.failed, error.description)
        }
    }

    /// The question with a body; `isSentOnce` where it must be known whether it came twice.
    func with(_ body: some Encodable, isSentOnce: Bool = false) -> RemoteCall {
        var call = self
        call.request.body = Canonical.bytes(of: body)
        call.request.headers.append("Content-Type", "application/json")
        call.request.isSentOnce = isSentOnce
        return call
    }

    /// The question with bytes as they are as its body.
    func with(bytes: [UInt8]) -> RemoteCall {
        var call = self
        call.request.body = bytes
        return call.adding("Content-Type", "application/octet-stream")
    }

    /// The question with a header more.
    func adding(_ name: String, _ value: String) -> RemoteCall {
        var call = self
        call.request.headers.append(name, value)
        return call
    }

    /// The whole answer; one of `answers` is an answer, too.
    func response(or answers: Set<Int>) async throws(StoreError) -> HTTPResponse {
        var call = self
        call.answers = answers
        do throws(Failure) { return try await call.response() } catch { throw error.error }
    }

    /// What is answered to the first try, read as `Value`.
    func once<Value: Decodable>(_ type: Value.Type = Value.self) async throws(StoreError) -> Value {
        do throws(Failure) {
            switch await ask() {
            case .answer(let response): return try read(response.body)
            case .failure(let error, _), .unknownToken(let error), .again(let error, _, _):
                throw Failure(error: error, isUnknown: false)
            }
        } catch { throw error.error }
    }

    /// What is answered, read as `Value`.
    func value<Value: Decodable>(_ type: Value.Type = Value.self) async throws(StoreError) -> Value {
        do throws(Failure) { return try read(try await answer()) } catch { throw error.error }
    }

    /// Reads an answer.
    func read<Value: Decodable>(_ body: [UInt8], as type: Value.Type = Value.self) throws(Failure) -> Value {
        do { return try Canonical.decode(Value.self, from: body) } catch {
            throw Failure(
                error: StoreError(
                    .failed, "What \(address) answers cannot be read: SHIPIT_STATE names something else, or a newer shipit."),
                isUnknown: true)
        }
    }

    /// Asks until there is an answer, or no hope for one; gives its body.
    func answer() async throws(Failure) -> [UInt8] { try await response().body }

    private func response() async throws(Failure) -> HTTPResponse {
        let end = ContinuousClock.now + Self.patience + request.deadline - Self.deadline
        var isUnknown = false
        var attempt = 0
        while true {
            attempt += 1
            switch await ask() {
            case .answer(let response): return response
            case .failure(let error, let isUnclear): throw Failure(error: error, isUnknown: isUnknown || isUnclear)
            case .unknownToken(let error): throw Failure(error: error, isUnknown: isUnknown)
            case .again(let error, let isUnclear, let wanted):
                isUnknown = isUnknown || isUnclear
                // At random, so that those who were cut off together do not come back together.
                let pause = wanted ?? .milliseconds(Int64.random(in: 20...(50 << Int64(attempt))))
                let isPatient = wanted.map { $0 >= .seconds(1) } ?? false
                guard isPatient || attempt < Self.attempts, ContinuousClock.now + pause < end,
                    (try? await Task.sleep(for: pause)) != nil
                else { throw Failure(error: error, isUnknown: isUnknown) }
            }
        }
    }

    /// Asks once; once more with another token where there is one and the first is not taken, since nothing was done then.
    private func ask() async -> Verdict {
        do throws(StoreError) {
            let token = try await source?.token(through: client)
            let verdict = await ask(as: token)
            guard case .unknownToken = verdict, let token,
                let other = try await source?.token(insteadOf: token, through: client)
            else { return verdict }
            return await ask(as: other)
        } catch {
            return error.passing ? .again(error, isUnknown: false, after: nil) : .failure(error, isUnknown: false)
        }
    }

    private func ask(as token: APIToken?) async -> Verdict {
        var request = request
        if let token { request.headers.append("Authorization", "Bearer \(token.text)") }
        let response: HTTPResponse
        do throws(HTTPError) { response = try await client.send(request) } catch { return verdict(on: error) }
        if (200..<300).contains(response.status) || answers.contains(response.status) { return .answer(response) }
        let problem = try? Canonical.decode(RemoteProblem.self, from: response.body)
        let detail = problem?.detail ?? "It answered HTTP \(response.status)."
        if let fault = problem?.store {
            let error = StoreError(fault.restored, detail)
            return error.passing ? .again(error, isUnknown: true, after: pause(response)) : .failure(error, isUnknown: false)
        }
        switch response.status {
        case 401: return .unknownToken(refusal(detail))
        case 403: return .failure(refusal(detail), isUnknown: false)
        // As long as it says: who comes earlier is refused again, and what is left of our time may be too short for that.
        case 429: return .again(away(detail), isUnknown: false, after: response.headers.retryAfter)
        // Of a proxy in between, too.
        case 408, 502, 503, 504: return .again(away(detail), isUnknown: true, after: pause(response))
        case 404, 405:
            return .failure(
                StoreError(
                    .failed, "\(address) has no ledger to offer: \(detail) Check SHIPIT_STATE, and that its api is no older."),
                isUnknown: false)
        default:
            return .failure(
                StoreError(.failed, "The API at \(address) did not do it: \(detail)"), isUnknown: response.status >= 500)
        }
    }

    private func verdict(on error: HTTPError) -> Verdict {
        switch error.code {
        case .refused, .cannotResolve: .again(away(error.description), isUnknown: false, after: nil)
        case .timedOut, .truncated, .other: .again(away(error.description), isUnknown: true, after: nil)
        case .tls: .failure(away(error.description), isUnknown: false)
        case .cancelled: .failure(StoreError(.failed, "The call on the ledger at \(address) was cancelled."), isUnknown: true)
        case .invalidURL, .invalidHeader, .tooLarge, .tooManyRedirects:
            .failure(StoreError(.failed, error.description), isUnknown: error.code == .tooLarge)
        }
    }

    private func refusal(_ why: String) -> StoreError {
        StoreError(.refused, "The API at \(address) refused this: \(why)")
    }

    private func away(_ why: String) -> StoreError {
        StoreError(
            .unreachable, "The ledger at \(address) does not answer. \(why) Check the service and the network, then try again.")
    }

    private func pause(_ response: HTTPResponse) -> Duration? {
        response.headers.retryAfter.map { min($0, Self.longestPause) }
    }
}

/// What is read of a problem (RFC 9457).
private struct RemoteProblem: Decodable {
    let detail: String
    let store: RemoteFault?
}
