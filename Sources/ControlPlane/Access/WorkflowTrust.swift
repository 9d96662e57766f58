import HTTP
public import Serving

/// Which GitHub Actions workflows may ask for a token, with the identity that GitHub signs for them, and so without a secret of their own.
///
/// https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/about-security-hardening-with-openid-connect
public struct WorkflowTrust: Sendable, Hashable {
    /// Who signs, as it stands in `iss`: github.com's, or that of a GitHub Enterprise Server.
    public let issuer: String
    /// For whom it must have been signed, as it stands in `aud`: a workflow asks for it by name.
    public let audience: String
    /// Which `sub` are trusted: each as it is, or, where it ends with `*`, whatever begins so.
    public let subjects: [String]

    /// Trust in workflows of `subjects`.
    init(issuer: String, audience: String, subjects: [String]) {
        self.issuer = issuer
        self.audience = audience
        self.subjects = subjects
    }

    /// Reads `API_GITHUB_SUBJECTS`, with spaces between them, `API_GITHUB_AUDIENCE` and `API_GITHUB_ISSUER`; nil where no workflow is
    /// trusted.
    ///
    /// Errors: `SettingsError` with the variable and what it should be.
    public init?(environment: [String: String]) throws(SettingsError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let subjects = (value("API_GITHUB_SUBJECTS") ?? "").split(separator: " ").map(String.init)
        guard !subjects.isEmpty else { return nil }
        for subject in subjects {
            // A repository at the least: what is less trusts strangers.
            guard subject.wholeMatch(of: #/repo:[^/*:\s]+/[^/*:\s]+:[^*\s]*\*?/#) != nil else {
                throw SettingsError(
                    "API_GITHUB_SUBJECTS has '\(subject)': write repo:OWNER/REPO:ref:refs/heads/main, or repo:OWNER/REPO:* for all of a repository."
                )
            }
        }
        guard let audience = value("API_GITHUB_AUDIENCE") else {
            throw SettingsError(
                "API_GITHUB_AUDIENCE is not set: set it to this service's address as clients know it, which workflows ask GitHub to sign for."
            )
        }
        let issuer = value("API_GITHUB_ISSUER") ?? "https://token.actions.githubusercontent.com"
        guard let address = try? HTTPAddress(issuer), address.keepsSecrets, issuer.last != "/" else {
            throw SettingsError("API_GITHUB_ISSUER is '\(issuer)': write an https:// address without a slash at its end.")
        }
        self.init(issuer: issuer, audience: audience, subjects: subjects)
    }

    /// Whether this subject is trusted.
    func admits(_ subject: String) -> Bool {
        subjects.contains { $0.last == "*" ? subject.hasPrefix($0.dropLast()) : subject == $0 }
    }
}
