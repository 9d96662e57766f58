public import HTTPTypes
public import Hummingbird
import Logging

/// What every request passes on its way in and out: its id, its method, its size, its errors, its headers, its line in the log.
///
/// Where a service only reads, other methods than GET and HEAD are refused here, and bodies with these everywhere. A route that takes a
/// body reads it itself, with `Request.content`, once it knows who sends it.
public struct FrontDoor: RouterMiddleware {
    /// What the path of a request is cut to in the log.
    private static let loggedPath = 200
    /// What goes with every answer, whatever it is.
    private let securityHeaders: [HTTPField]
    private let methods: @Sendable (_ path: String) -> [HTTPRequest.Method]
    private let metrics: Metrics?
    private let proxies: Proxies

    /// A door that sends `contentPolicy` as `Content-Security-Policy` with every answer.
    ///
    /// - Parameters:
    ///   - contentPolicy: the policy.
    ///   - methods: what may be done at a path, which may be one that is not there.
    ///   - metrics: where requests are counted.
    ///   - proxies: who is believed about whom they ask for.
    public init(
        contentPolicy: String, methods: @escaping @Sendable (_ path: String) -> [HTTPRequest.Method], metrics: Metrics?,
        proxies: Proxies
    ) {
        securityHeaders = [
            HTTPField(name: .contentSecurityPolicy, value: contentPolicy),
            HTTPField(name: .xContentTypeOptions, value: "nosniff"),
            HTTPField(name: .frameOptions, value: "DENY"),
            HTTPField(name: .referrerPolicy, value: "no-referrer"),
            HTTPField(name: .resourcePolicy, value: "same-origin"),
        ]
        self.metrics = metrics
        self.proxies = proxies
        self.methods = methods
    }

    /// Lets a request in and its answer out.
    @concurrent
    public func handle(
        _ request: Request, context: ServiceContext, next: @concurrent (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = RequestID.accepting(request.headers[.requestID])
        // Ours replaces Hummingbird's number, which means nothing outside this process.
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request"] = .string(context.requestID)
        context.trace = TraceContext(
            accepting: request.headers[.traceParent], state: request.headers[values: .traceState])
        context.logger[metadataKey: "trace"] = .string(context.trace.trace)
        context.logger[metadataKey: "span"] = .string(context.trace.span)
        context.callers = proxies.callers(at: context.peer, forwarded: request.headers[values: .forwardedFor])
        var response = await answer(request, context, next)
        response.headers[.requestID] = context.requestID
        response.headers.append(contentsOf: securityHeaders)
        let duration = ContinuousClock.now - start
        let elapsed = duration.components
        context.logger.info(
            "answered",
            metadata: [
                "method": .string(request.method.rawValue),
                // Without the query: what people put there is none of the log's business.
                "path": .string(String(request.uri.path.prefix(Self.loggedPath))),
                "status": .stringConvertible(response.status.code),
                "ms": .stringConvertible(elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000),
            ])
        if let metrics {
            // What is not found has a name of Hummingbird's own.
            let route = context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil }
            metrics.count(route, request.method, status: response.status.code, elapsed: duration)
        }
        return response
    }

    private func answer(
        _ request: Request, _ context: ServiceContext, _ next: @concurrent (Request, ServiceContext) async throws -> Response
    ) async -> Response {
        let methods = methods(request.uri.path)
        guard methods.contains(request.method) else {
            let allowed = methods.map(\.rawValue)
            return Problem(
                .methodNotAllowed, "This path does not take this method: use \(allowed.joined(separator: " or ")).",
                headers: [.allow: allowed.joined(separator: ", ")]
            ).response
        }
        // RFC 9110, section 9.3.1: a body has no meaning in these methods.
        guard [.post, .put, .patch].contains(request.method) || !request.hasBody else {
            return Problem(.contentTooLarge, "This service takes no request body here: send none.").response
        }
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            var response = problem.response
            // Whoever is too slow to be waited for is not waited for afterwards either.
            if problem.status == .requestTimeout {
                let body = response.body
                response.body = ResponseBody { writer in
                    try await body.write(writer)
                    context.hangUp()
                }
            }
            return response
        } catch let error as any HTTPResponseError {
            let isUnknown = error.status == .notFound
            return Problem(error.status, isUnknown ? "Nothing is found at this path." : "The request cannot be answered.")
                .response
        } catch {
            context.logger.error("a request failed", error: error)
            return Problem(.internalServerError, "Request \(context.requestID) failed; the log says why.").response
        }
    }
}

extension HTTPField.Name {
    fileprivate static let traceParent = Self(known: "traceparent")
    fileprivate static let traceState = Self(known: "tracestate")
    fileprivate static let forwardedFor = Self(known: "X-Forwarded-For")
    fileprivate static let requestID = Self(known: "X-Request-ID")
    fileprivate static let frameOptions = Self(known: "X-Frame-Options")
    fileprivate static let referrerPolicy = Self(known: "Referrer-Policy")
    fileprivate static let resourcePolicy = Self(known: "Cross-Origin-Resource-Policy")
}
