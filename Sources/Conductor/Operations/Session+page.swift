import Pipeline
import Processes
import Records

/// A place on the page.
public struct PagePlace: Sendable, Encodable {
    /// What is shown there: a run's id or an environment's name.
    public var subject: String
    /// The address.
    public var url: String
    /// Whether a browser was asked to show it.
    public var isOpened = false
}

extension Session {
    /// Where the page shows an environment or a run.
    ///
    /// - Parameter subject: an environment's name, or a run's id or its beginning; nil is the newest run.
    public func page(of subject: String?) async throws(Refusal) -> PagePlace {
        let project = try await project(at: workTree)
        guard let base = project.page else {
            throw Refusal(
                .badInput, "\(Workspace.projectFile) does not say where the page is.",
                remedy: "Add 'page: https://HOST' to it: the address that people open; docs/web.md says what serves it.")
        }
        if let subject, let name = EnvironmentName(subject), project.environments[name] != nil {
            return PagePlace(subject: name.text, url: PageView.environment(name).address(on: base))
        }
        let run: RunID
        if let subject {
            run = try await ledger { () async throws(LedgerError) in try await ledger.resolve(subject) }
        } else if let newest = try await runs(limit: 1).first {
            run = newest.id
        } else {
            throw Refusal(
                .badInput, "There is no run yet.", remedy: "Name an environment, or deploy one: shipit deploy ENVIRONMENT")
        }
        return PagePlace(subject: run, url: PageView.run(run).address(on: base))
    }

    /// Whether the page can have what this ledger has: it shows what is in PostgreSQL.
    public var isOnPage: Bool { isLedgerShared }

    /// Asks a browser to show an address: `$BROWSER`, else what the desktop has chosen.
    ///
    /// - Returns: false where there is nobody to look: without a display, in CI, or without such a program.
    public func show(_ url: String) async throws(Refusal) -> Bool {
        let variables = world.variables
        let wanted = (variables["BROWSER"] ?? "").split(separator: ":").first.map(String.init)
        let hasDisplay = ["DISPLAY", "WAYLAND_DISPLAY"].contains { !(variables[$0] ?? "").isEmpty }
        guard !world.isCI, wanted != nil || hasDisplay else { return false }
        let browser = Command(wanted ?? "xdg-open", [url], environment: variables)
        guard browser.isInstalled else { return false }
        // In a session of its own: a browser that this starts goes on without us.
        let command = Command(
            "setsid", ["--fork", browser.executable, url], environment: variables, deadline: .seconds(10))
        do throws(ProcessError) {
            return try await capture(command).outcome.succeeded
        } catch {
            throw Refusal(.failed, error.description)
        }
    }
}
