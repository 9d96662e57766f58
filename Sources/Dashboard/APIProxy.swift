import HTTP
import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import Serving

/// Passes what is asked under `/api/` on to the API, in the name of whoever is signed in.
struct APIProxy: Sendable {
    /// How long a body may be: what people write into forms.
    private static let forms = 16 * 1024
    private static let bodyDeadline = Duration.seconds(10)
    /// What is passed on as it came; of everything else in a request the API learns nothing.
    private static let passed: [HTTPField.Name] = [.ifNoneMatch, .ifRange, .range, .lastEventID, .idempotencyKey]

    let upstream: Upstream

    func add(to router: Router<ServiceContext>) {
        router.get("api/**") { [self] request, context in try await read(request, context) }
        for method in [HTTPRequest.Method.post, .delete] {
            router.on("api/**", method: method) { [self] request, context in
                try OwnPage.check(request)
                return try await change(request, context)
            }
        }
    }

    private func read(_ request: Request, _ context: ServiceContext) async throws -> Response {
        var question = try question(request, context)
        let isStream = request.headers[.accept]?.contains("text/event-stream") ?? false
        // A log may be long, and is passed on as it comes.
        guard isStream || request.uri.path.hasSuffix("/log") else {
            return try await answered(context) { () throws(Upstream.Failure) in
                Self.response(try await upstream.send(question)) { ResponseBody(byteBuffer: ByteBuffer(bytes: $0)) }
            }
        }
        if isStream { question.headers.append("Accept", "text/event-stream") }
        return try await answered(context) { [question] () throws(Upstream.Failure) in
            let answer = try await upstream.follow(question)
            // There is nothing to follow any more: an answer without content (RFC 9110, section 15.3.5).
            if answer.status == 204 || answer.status == 304 { return Self.response(answer) { _ in ResponseBody() } }
            return Self.response(answer) { content in
                ResponseBody { writer in
                    // A service that is told to stop lets go of its followers, who find another.
                    for try await bytes in content.cancelOnGracefulShutdown() {
                        try await writer.write(ByteBuffer(bytes: bytes))
                    }
                    try await writer.finish(nil)
                }
            }
        }
    }

    private func change(_ request: Request, _ context: ServiceContext) async throws -> Response {
        var question = try question(request, context)
        if request.method == .post {
            question.body = try await request.content("application/json", upTo: Self.forms, within: Self.bodyDeadline)
            question.headers.append("Content-Type", "application/json")
        }
        return try await answered(context) { [question] () throws(Upstream.Failure) in
            Self.response(try await upstream.send(question)) { ResponseBody(byteBuffer: ByteBuffer(bytes: $0)) }
        }
    }

    private func question(_ request: Request, _ context: ServiceContext) throws(Problem) -> Upstream.Question {
        guard Self.isHarmless(path: request.uri.path) else { throw Problem(.notFound, "Nothing is found at this path.") }
        guard (request.uri.query ?? "").utf8.allSatisfy(Self.isQuery) else {
            throw Problem(.badRequest, "The query holds characters that no question to the API needs.")
        }
        var headers = context.passedOn
        if !(request.headers[.accept]?.contains("text/event-stream") ?? false) { headers.append("Accept", "application/json") }
        for name in Self.passed {
            if let value = request.headers[name] { headers.append(name.rawName, value) }
        }
        if let token = SessionCookie.token(in: request) { headers.append("Authorization", "Bearer \(token)") }
        return Upstream.Question(
            method: request.method.rawValue, target: request.uri.path + (request.uri.query.map { "?" + $0 } ?? ""),
            headers: headers)
    }

    /// Answers by `ask`, or says that the API has no answer.
    private func answered(
        _ context: ServiceContext, _ ask: () async throws(Upstream.Failure) -> Response
    ) async throws(Problem) -> Response {
        do throws(Upstream.Failure) { return try await ask() } catch { throw context.problem(error) }
    }

    private static func response<Content>(
        _ answer: Upstream.Answer<Content>, _ body: (Content) -> ResponseBody
    ) -> Response {
        var headers: HTTPFields = [:]
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(status: .init(code: answer.status), headers: headers, body: body(answer.body))
    }

    /// Paths of the API are made of names and ids; without dot segments or escapes there is nothing to resolve differently
    /// on the other side.
    static func isHarmless(path: String) -> Bool {
        path.hasPrefix("/api/") && path.utf8.allSatisfy { isName($0) || $0 == UInt8(ascii: "/") }
            && !path.split(separator: "/").contains { $0.allSatisfy { $0 == "." } }
    }

    private static func isQuery(_ byte: UInt8) -> Bool {
        isName(byte) || "=&%+,".utf8.contains(byte)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension ServiceContext {
    /// Logs why the API has no answer, and says so without saying where it is.
    func problem(_ failure: Upstream.Failure) -> Problem {
        switch failure {
        case .late(let reason):
            logger.error("the API is late", metadata: ["reason": .string(reason)])
            return Problem(.gatewayTimeout, "The API did not answer in time.", retryAfter: 2)
        case .broken(let reason):
            logger.error("the API has no answer", metadata: ["reason": .string(reason)])
            return Problem(.badGateway, "The API cannot be reached or gave no complete answer.", retryAfter: 2)
        }
    }
}

extension HTTPField.Name {
    fileprivate static let lastEventID = Self(known: "Last-Event-ID")
    fileprivate static let idempotencyKey = Self(known: "Idempotency-Key")
}
