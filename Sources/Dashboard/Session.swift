import CanonicalJSON
import HTTP
import HTTPTypes
import Hummingbird
import Serving

/// Signing in and out: a token is typed once, proved to the API, and kept in a cookie.
struct Session: Sendable {
    private struct Credentials: Decodable {
        let token: String
    }

    private static let longest = 1024
    private static let patience = Duration.seconds(10)

    let upstream: Upstream

    func add(to router: Router<ServiceContext>) {
        router.post("session") { [self] request, context in
            try OwnPage.check(request)
            return try await signIn(request, context)
        }
        router.delete("session") { request, _ in
            try OwnPage.check(request)
            return Response(
                status: .noContent, headers: [.setCookie: SessionCookie.header(nil, for: request), .cacheControl: "no-store"])
        }
    }

    private func signIn(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let body = try await request.content("application/json", upTo: Self.longest, within: Self.patience)
        guard let token = (try? Canonical.decode(Credentials.self, from: body))?.token, SessionCookie.isToken(token) else {
            throw Problem(.badRequest, "This is no token: it begins with 'shipit_', and is told once, when it is made.")
        }
        var headers = context.passedOn
        headers.append("Accept", "application/json")
        headers.append("Authorization", "Bearer \(token)")
        let answer: Upstream.Answer<[UInt8]>
        do throws(Upstream.Failure) {
            answer = try await upstream.send(Upstream.Question(method: "GET", target: "/api/whoami", headers: headers))
        } catch {
            throw context.problem(error)
        }
        var fields: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        switch answer.status {
        case 200: fields[.setCookie] = SessionCookie.header(token, for: request)
        case 401: throw Problem(.unauthorized, "The API does not know this token, or it has expired or was revoked.")
        case 403: throw Problem(.forbidden, "This token is for another project.")
        case 429: throw Problem(.tooManyRequests, "Too many requests came from here: wait a second.", retryAfter: 1)
        default: throw Problem(.badGateway, "The API could not say whose token this is.", retryAfter: 2)
        }
        return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
