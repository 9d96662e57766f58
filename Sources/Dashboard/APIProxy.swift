import HTTPTypes
import Hummingbird
import Logging
import Serving

/// Passes what is asked under `/api/` on to the API.
struct APIProxy: Sendable {
    let upstream: Upstream

    func add(to router: Router<ServiceContext>) {
        router.get("api/**") { [self] request, context in try await pass(request, context) }
    }

    private func pass(_ request: Request, _ context: ServiceContext) async throws(Problem) -> Response {
        let target = request.uri.path + (request.uri.query.map { "?" + $0 } ?? "")
        guard Self.isHarmless(path: request.uri.path) else { throw Problem(.notFound, "Nothing is found at this path.") }
        guard (request.uri.query ?? "").utf8.allSatisfy(Self.isQuery) else {
            throw Problem(.badRequest, "The query holds characters that no question to the API needs.")
        }
        do throws(Upstream.Failure) {
            let answer = try await upstream.send(request.method.rawValue, target, for: context)
            return Self.response(answer)
        } catch {
            switch error {
            case .late(let reason):
                context.logger.error("the API is late", metadata: ["reason": .string(reason)])
                throw Problem(.gatewayTimeout, "The API did not answer in time.", retryAfter: 2)
            case .broken(let reason):
                context.logger.error("the API has no answer", metadata: ["reason": .string(reason)])
                throw Problem(.badGateway, "The API cannot be reached or gave no complete answer.", retryAfter: 2)
            }
        }
    }

    private static func response(_ answer: Upstream.Answer) -> Response {
        var headers: HTTPFields = [:]
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    /// Paths of the API are made of names and ids; without dot segments or escapes there is nothing to resolve differently
    /// on the other side.
    static func isHarmless(path: String) -> Bool {
        path.hasPrefix("/api/") && path.utf8.allSatisfy { isName($0) || $0 == UInt8(ascii: "/") }
            && !path.split(separator: "/").contains { $0.allSatisfy { $0 == "." } }
    }

    private static func isQuery(_ byte: UInt8) -> Bool {
        isName(byte) || "=&%+".utf8.contains(byte)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
