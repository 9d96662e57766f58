public import HTTP

/// A client of OCI registries (distribution specification 1.1), GHCR first.
///
/// Each operation is in an extension of its own; here is what they share: sending a request with the authorization it turns out
/// to need, and trying again what may pass. Safe to use from many tasks; tokens are shared by all copies.
public struct RegistryClient: Sendable {
    let http: HTTPClient
    let timing: RegistryTiming
    let tokens = TokenStore()
    let credentials: @Sendable (_ host: String) async -> Credentials?
    let notice: @Sendable (String) async -> Void

    /// A client.
    /// - Parameters:
    ///   - http: what carries its requests.
    ///   - timing: how long and how often to try.
    ///   - notice: told, in a sentence for people, what takes time or is not as it should be and fails nothing: that the registry is asked
    ///     again, and when; that refused credentials are left out and a pull goes on anonymously.
    ///   - credentials: those for a registry's host; asked when a registry first wants some, and when a token has expired.
    public init(
        http: HTTPClient,
        timing: RegistryTiming = RegistryTiming(),
        notice: @escaping @Sendable (String) async -> Void = { _ in },
        credentials: @escaping @Sendable (_ host: String) async -> Credentials?
    ) {
        self.http = http
        self.timing = timing
        self.notice = notice
        self.credentials = credentials
    }

    /// One request to a repository, in the registry's terms.
    struct Call {
        /// What it is for, as the beginning of a sentence: "Reading the manifest of ghcr.io/…".
        let purpose: String
        let scope: Scope
        var request: HTTPRequest
        /// The statuses the caller reads itself; any other is an error.
        let accepted: Set<Int>
    }

    /// Sends `call` bare or with a cached token, then as the registry's challenge says.
    func perform(_ call: Call) async throws(RegistryError) -> HTTPResponse {
        let cached = await tokens.grant(for: call.scope, at: timing.now())
        var response = try await patiently(call, cached?.authorization)
        var grant = cached
        if response.status == 401 {
            await tokens.forget(call.scope)
            let fresh = try await self.grant(call, challengedBy: response)
            response = try await patiently(call, fresh.authorization)
            grant = fresh
        }
        if response.status == 403, call.scope.access == .pull, let refused = grant, let user = refused.user {
            // GHCR refuses stale credentials even for public images.
            let anonymous = try await anonymousGrant(call, refused.challenge, refusing: user, status: 403)
            response = try await patiently(call, anonymous.authorization)
            grant = anonymous
        }
        if call.accepted.contains(response.status) {
            if response.status == 404, grant?.isFallback == true {
                // To an anonymous client a private image does not exist: that is no proof of absence.
                throw RegistryError(
                    .unauthorized,
                    "\(call.purpose) failed: \(call.scope.image.host) refused the credentials, and without any the image cannot be seen. "
                        + "Log in again: docker login \(call.scope.image.host)")
            }
            return response
        }
        if response.status == 401 || response.status == 403 { await tokens.forget(call.scope) }
        throw RegistryError(refusing: call, response)
    }

    /// Sends until something other than a passing failure comes back, or the attempts are used up.
    func patiently(_ call: Call, _ authorization: String?) async throws(RegistryError) -> HTTPResponse {
        var request = call.request
        request.deadline = timing.deadline
        if let authorization { request.headers.append("Authorization", authorization) }
        var failures = 0
        while true {
            let outcome = await attempt(request)
            let asked: Duration?
            let trouble: String
            switch outcome {
            case .success(let response):
                guard RegistryError.mayPass(response) else { return response }
                asked = RetryAfter.wait(response)
                trouble = "\(call.scope.image.host) answered HTTP \(response.status)."
            case .failure(let error):
                guard error.code == .truncated else { throw RegistryError(call.purpose, error) }
                asked = nil
                trouble = error.description
            }
            failures += 1
            guard failures < timing.attempts, let wait = timing.wait(after: failures, asked: asked) else {
                switch outcome {
                case .success(let response): return response
                case .failure(let error): throw RegistryError(call.purpose, error)
                }
            }
            let seconds = wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)
            await notice("\(call.purpose): \(trouble) Asking again within \(seconds) s.")
            do {
                try await timing.sleep(wait)
            } catch {
                throw RegistryError(.cancelled, "\(call.purpose) was cancelled.")
            }
        }
    }

    private func attempt(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPError> {
        do throws(HTTPError) {
            return .success(try await http.send(request))
        } catch {
            return .failure(error)
        }
    }
}
