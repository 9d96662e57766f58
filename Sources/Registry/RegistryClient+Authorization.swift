import FoundationEssentials
import HTTP

/// The token flow (distribution's "Token Authentication Specification"), as GHCR speaks it.
extension RegistryClient {
    /// Gets, and keeps, what the challenge in a 401 asks for.
    func grant(_ call: Call, challengedBy response: HTTPResponse) async throws(RegistryError) -> Grant {
        let challenges = response.headers.all("WWW-Authenticate").flatMap { AuthChallenge.parse($0) }
        guard
            let challenge = challenges.first(where: { $0.scheme == "bearer" })
                ?? challenges.first(where: { $0.scheme == "basic" })
        else { throw RegistryError(refusing: call, response) }
        let credentials = await credentials(call.scope.image.host)
        if challenge.scheme == "basic" {
            guard let credentials else { throw RegistryError(refusing: call, response) }
            return await keep(.init(authorization: credentials.basic, lifetime: 300), credentials, challenge, call.scope)
        }
        let answer = try await askForToken(call, challenge, credentials)
        if let token = try token(in: answer, call) { return await keep(token, credentials, challenge, call.scope) }
        guard let credentials, call.scope.access == .pull, answer.status == 401 || answer.status == 403,
            !RegistryError.mayPass(answer)
        else { throw RegistryError(refusing: call, answer) }
        return try await anonymousGrant(call, challenge, refusing: credentials.user, status: answer.status)
    }

    /// Gets a grant without credentials after `user`'s were refused, and says so.
    func anonymousGrant(
        _ call: Call, _ challenge: AuthChallenge, refusing user: String, status: Int
    ) async throws(RegistryError) -> Grant {
        let host = call.scope.image.host
        await notice(
            "\(host) refused the credentials of \(user) (HTTP \(status)); trying without any. "
                + "If they have expired, log in again: docker login \(host)")
        var token: Token? = Token(authorization: nil, lifetime: 60)
        if challenge.scheme == "bearer" {
            let answer = try await askForToken(call, challenge, nil)
            token = try self.token(in: answer, call)
            if token == nil { throw RegistryError(refusing: call, answer, after: user) }
        }
        return await keep(token ?? Token(authorization: nil, lifetime: 0), nil, challenge, call.scope, isFallback: true)
    }

    private struct Token {
        let authorization: String?
        /// Seconds.
        let lifetime: Double
    }

    /// Keeps a grant until ten seconds, or a fifth of its life, before its end: a request must not meet the end on its way.
    private func keep(
        _ token: Token, _ credentials: Credentials?, _ challenge: AuthChallenge, _ scope: Scope, isFallback: Bool = false
    ) async -> Grant {
        let lifetime = max(0, token.lifetime - min(10, token.lifetime / 5))
        let grant = Grant(
            authorization: token.authorization, user: credentials?.user, isFallback: isFallback, challenge: challenge,
            expires: timing.now() + .seconds(lifetime))
        await tokens.keep(grant, for: scope)
        return grant
    }

    private func askForToken(
        _ call: Call, _ challenge: AuthChallenge, _ credentials: Credentials?
    ) async throws(RegistryError) -> HTTPResponse {
        var headers: HTTPHeaders = ["Accept": "application/json"]
        if let credentials { headers.append("Authorization", credentials.basic) }
        let url = try tokenAddress(call, challenge)
        let request = HTTPRequest(url: url, headers: headers, responseLimit: 256 << 10)
        return try await patiently(Call(purpose: call.purpose, scope: call.scope, request: request, accepted: []), nil)
    }

    /// Where to ask: the challenge's realm, if credentials may be sent there.
    private func tokenAddress(_ call: Call, _ challenge: AuthChallenge) throws(RegistryError) -> String {
        let address: HTTPAddress
        let realm: HTTPAddress
        do throws(HTTPError) {
            realm = try HTTPAddress(challenge.parameters["realm"] ?? "")
            let service = try challenge.parameters["service"].map { value throws(HTTPError) in try realm.adding("service", value)
            }
            address = try (service ?? realm).adding("scope", call.scope.text)
        } catch {
            throw RegistryError(
                .unexpected,
                "\(call.purpose) was ended: the token address in the challenge of \(call.scope.image.host) is malformed.")
        }
        guard realm.scheme == "https" || call.scope.image.isLoopback && realm.isLoopback else {
            throw RegistryError(
                .unexpected,
                "\(call.purpose) was ended: \(call.scope.image.host) sends its clients to \(realm.summary) for a token. "
                    + "That is not https, and credentials would be readable on the way.")
        }
        return address.text
    }

    /// The token in a 200 answer; nil for any other status.
    private func token(in answer: HTTPResponse, _ call: Call) throws(RegistryError) -> Token? {
        guard answer.status == 200 else { return nil }
        let body = try? JSONDecoder().decode(TokenAnswer.self, from: Data(answer.body))
        guard let body, let text = body.token ?? body.access_token, !text.isEmpty else {
            throw RegistryError(
                .unexpected, "\(call.purpose) failed: the token endpoint of \(call.scope.image.host) answered without a token.")
        }
        // The specification's default; no more than a day, so that nonsense cannot overflow.
        return Token(authorization: "Bearer \(text)", lifetime: min(86_400, max(0, body.expires_in ?? 60)))
    }
}

/// Spelled as the token endpoint does.
private struct TokenAnswer: Decodable {
    let token: String?
    let access_token: String?
    let expires_in: Double?
}

extension Credentials {
    /// The value of an `Authorization` header (RFC 7617).
    var basic: String { "Basic " + Data("\(user):\(password)".utf8).base64EncodedString() }
}
