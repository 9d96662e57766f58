import FoundationEssentials
import HTTP

/// What a registry's refusal means, and what to do about it.
extension RegistryError {
    /// Whether the same request may succeed later: too many requests, or a server that cannot work now.
    ///
    /// 500 is among them: the registry that Docker distributes says so to whoever reads a tag in the moment in which it is written.
    static func mayPass(_ response: HTTPResponse) -> Bool {
        switch response.status {
        case 429, 500, 502, 503, 504: true
        // GitHub's secondary limit is told from a refusal by its text alone; there is no code for it.
        case 403: response.headers.first("Retry-After") != nil || words(in: response).contains("secondary rate limit")
        default: false
        }
    }

    /// The error for an answer that is not what `call` wants.
    /// - Parameter user: whose credentials were refused before, where an anonymous second try got this answer.
    init(refusing call: RegistryClient.Call, _ response: HTTPResponse, after user: String? = nil) {
        let image = call.scope.image
        let said = Self.quote(response)
        let refused = user.map { ", without credentials after those of \($0) were refused" } ?? ""
        let start = "\(call.purpose) failed: \(image.host) answered HTTP \(response.status)\(refused)\(said)."
        let asked = RetryAfter.wait(response)
        switch response.status {
        case 429,
            403 where Self.mayPass(response):
            self.init(.rateLimited, passing: true, retryAfter: asked, "\(start) It limits the rate of requests: try again later.")
        case 401:
            self.init(
                .unauthorized,
                "\(start) Log in with: docker login \(image.host) (on GHCR with a classic personal access token that has "
                    + "\(call.scope.access == .push ? "write:packages" : "read:packages"); fine-grained tokens do not work).")
        case 403:
            self.init(
                .denied,
                "\(start) One of three causes: (1) the name \(image) or its tag is wrong; (2) the credentials may not create a package "
                    + "under this owner; (3) they may not \(call.scope.access == .push ? "write" : "read") this one: a classic personal "
                    + "access token needs \(call.scope.access == .push ? "write:packages" : "read:packages"), and a GitHub workflow "
                    + "`permissions: packages: write` and its repository listed under the package's \"Manage Actions access\".")
        case 404:
            self.init(.notFound, "\(start) Check the name and the tag, and that the build which should have pushed it did.")
        case 500...599:
            self.init(.unavailable, passing: true, retryAfter: asked, "\(start) It cannot work at the moment: try again later.")
        default:
            self.init(.unexpected, start)
        }
    }

    /// The error for a request that got no answer.
    init(_ purpose: String, _ error: HTTPError) {
        let text = "\(purpose) failed. \(error.description)"
        switch error.code {
        case .cannotResolve, .refused, .timedOut: self.init(.unreachable, passing: true, text)
        case .tls: self.init(.unreachable, text)
        case .truncated: self.init(.truncated, passing: true, text)
        case .cancelled: self.init(.cancelled, "\(purpose) was cancelled.")
        case .invalidURL, .invalidHeader, .tooLarge, .tooManyRedirects, .other: self.init(.unexpected, text)
        }
    }

    /// What the registry said, in its own JSON form where it is that: `: DENIED: permission_denied: write_package`.
    private static func quote(_ response: HTTPResponse) -> String {
        guard let body = try? JSONDecoder().decode(Refusal.self, from: Data(response.body)), let first = body.errors.first else {
            return ""
        }
        let words = [first.code, first.message].compactMap { $0 }.joined(separator: ": ")
        // The text goes to a terminal: nothing in it may steer one, nor fill it.
        let printable = words.unicodeScalars.filter {
            !$0.properties.isNoncharacterCodePoint && $0.properties.generalCategory != .control
        }
        return ": " + String(String.UnicodeScalarView(printable)).prefix(300)
    }

    private static func words(in response: HTTPResponse) -> String {
        String(decoding: response.body.prefix(4096), as: UTF8.self).lowercased()
    }
}

/// Distribution specification, "Error Codes".
private struct Refusal: Decodable {
    struct Entry: Decodable {
        let code: String?
        let message: String?
    }

    let errors: [Entry]
}
