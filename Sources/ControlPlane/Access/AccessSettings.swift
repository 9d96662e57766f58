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
    /// Which workflows may ask for a token; nil for none.
    public var workflows: WorkflowTrust?

    /// Tokens for `project`, whether reading needs one, how often anybody may ask, who tells where they are, and which workflows need
    /// none to begin with.
    public init(
        project: String = "default", readingIsOpen: Bool = false, rate: Int = 200, proxies: Proxies = Proxies(),
        workflows: WorkflowTrust? = nil
    ) {
        self.project = project
        self.rate = rate
        self.proxies = proxies
        self.workflows = workflows
        self.readingIsOpen = readingIsOpen
    }

    /// Reads `API_PROJECT`, `API_READ`, `API_RATE`, `API_PROXIES`, and what `WorkflowTrust` reads.
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
        self.init(
            project: project, readingIsOpen: read == "anyone", rate: number,
            proxies: try Proxies(value("API_PROXIES") ?? "", of: "API_PROXIES"),
            workflows: try WorkflowTrust(environment: environment))
    }
}
