import Pipeline
public import Serving

/// Whose ledger is served, and who may read it.
public struct AccessSettings: Sendable, Hashable {
    /// The project that tokens must be for.
    public var project: String
    /// Whether everything but tokens and accesses may be read without a token.
    public var readingIsOpen: Bool
    /// How many requests a token's owner, or an address without a token, may send in a second; 0 is without a bound.
    public var rate: Int
    /// Who is believed about where a request comes from.
    public var proxies: Proxies
    /// How many days the record of accesses is kept.
    public var auditDays: Int
    /// Which workflows may ask for a token; nil for none.
    public var workflows: WorkflowTrust?

    /// Tokens for `project`, whether reading needs one, how often anybody may ask, who tells where they are, how long the record is kept, and
    /// which workflows need no token to begin with.
    public init(
        project: String = "default", readingIsOpen: Bool = false, rate: Int = 200, proxies: Proxies = Proxies(),
        auditDays: Int = 400, workflows: WorkflowTrust? = nil
    ) {
        self.project = project
        self.rate = rate
        self.proxies = proxies
        self.auditDays = auditDays
        self.workflows = workflows
        self.readingIsOpen = readingIsOpen
    }

    /// Reads `API_PROJECT`, `API_READ`, `API_RATE`, `API_PROXIES`, `API_AUDIT_DAYS`, and what `WorkflowTrust` reads.
    public init(environment: [String: String]) throws(SettingsError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let project = value("API_PROJECT") ?? "default"
        guard Name<Project>(project) != nil else {
            throw SettingsError(
                "API_PROJECT is '\(project)', which is no name of a project: use 1 to 63 of a-z, 0-9, '.', '_' and '-'.")
        }
        let read = value("API_READ") ?? "token"
        guard ["token", "anyone"].contains(read) else {
            throw SettingsError(
                "API_READ is '\(read)': set it to 'token', or to 'anyone' to let everybody read who reaches the service.")
        }
        let rate = value("API_RATE") ?? "200"
        guard let number = Int(rate), (0...1_000_000).contains(number) else {
            throw SettingsError(
                "API_RATE is '\(rate)': set it to how many requests a caller may send in a second, or to 0 for any.")
        }
        let days = value("API_AUDIT_DAYS") ?? "400"
        guard let auditDays = Int(days), (1...36_500).contains(auditDays) else {
            throw SettingsError(
                "API_AUDIT_DAYS is '\(days)': set it to how many days the record of accesses is kept, 1 to 36500.")
        }
        self.init(
            project: project, readingIsOpen: read == "anyone", rate: number,
            proxies: try Proxies(value("API_PROXIES") ?? "", of: "API_PROXIES"), auditDays: auditDays,
            workflows: try WorkflowTrust(environment: environment))
    }
}
