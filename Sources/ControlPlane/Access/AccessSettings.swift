import Pipeline
public import Serving

/// Whose ledger is served, and who may read it.
public struct AccessSettings: Sendable, Hashable {
    /// The project that tokens must be for.
    public var project: String
    /// Whether everything but tokens and accesses may be read without a token.
    public var readingIsOpen: Bool

    /// Tokens for `project`, and whether reading needs one.
    public init(project: String = "default", readingIsOpen: Bool = false) {
        self.project = project
        self.readingIsOpen = readingIsOpen
    }

    /// Reads `API_PROJECT` and `API_READ`.
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
        self.init(project: project, readingIsOpen: read == "anyone")
    }
}
