import CanonicalJSON
import HTTP
public import Journal

/// Where a job of GitHub Actions asks GitHub to sign who it is: what `permissions: id-token: write` gives it; shown nowhere.
///
/// https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/about-security-hardening-with-openid-connect
public struct JobIdentity: Sendable, CustomStringConvertible, CustomReflectable {
    private struct Answer: Decodable {
        let value: String
    }

    private static let deadline = Duration.seconds(10)

    /// What the job proves itself to GitHub with: a secret.
    public let secret: String
    private let url: HTTPAddress

    /// Finds what GitHub gave the job; nil where it gave nothing.
    ///
    /// The error says nothing of what was found.
    public init?(variables: [String: String]) throws(StoreError) {
        guard let text = variables["ACTIONS_ID_TOKEN_REQUEST_URL"], !text.isEmpty,
            let secret = variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"], !secret.isEmpty
        else { return nil }
        guard let url = try? HTTPAddress(text), url.keepsSecrets else {
            throw StoreError(
                .refused,
                "ACTIONS_ID_TOKEN_REQUEST_URL is no https:// address, and GitHub is not asked over another. \(Self.remedy)")
        }
        self.url = url
        self.secret = secret
    }

    /// What GitHub signs of who the job is, for `audience` alone: a secret.
    func signed(for audience: String, through client: HTTPClient) async throws(StoreError) -> String {
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await client.send(
                HTTPRequest(
                    url: try url.adding("audience", audience).text,
                    headers: ["Authorization": "bearer \(secret)", "Accept": "application/json"], deadline: Self.deadline))
        } catch {
            throw Self.failure(error.code == .tls ? .refused : .unreachable, error.description)
        }
        guard response.status == 200 else {
            let isPassing = response.status == 429 || response.status >= 500
            throw Self.failure(isPassing ? .unreachable : .refused, "It answered HTTP \(response.status).")
        }
        guard let answer = try? Canonical.decode(Answer.self, from: response.body), !answer.value.isEmpty else {
            throw Self.failure(.refused, "What it answered holds no identity.")
        }
        return answer.value
    }

    private static func failure(_ code: StoreError.Code, _ why: String) -> StoreError {
        StoreError(code, "GitHub was asked who this workflow is, and did not say so. \(why) \(remedy)")
    }

    private static let remedy = """
        Check 'permissions: id-token: write' of the job, and githubstatus.com; or set SHIPIT_TOKEN, with which GitHub is not asked.
        """

    /// Nothing of it.
    public var description: String { "the identity of this workflow" }

    /// Nothing that a dump could print.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
