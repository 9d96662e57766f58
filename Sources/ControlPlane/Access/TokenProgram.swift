import FoundationEssentials
import Pipeline
import Postgres
public import Serving

/// `api token …`: the tokens from the command line of whoever reaches the service's database, which is how the first one is made.
public struct TokenProgram: Sendable {
    private static let usage = """
        use: api token create --name NAME --role ROLE [--project PROJECT] [--expires 90d], api token list [--project PROJECT] [--all], \
        or api token revoke ID
        """

    private let environment: [String: String]

    /// The tokens in the database that `DATABASE_URL` names.
    public init(environment: [String: String]) {
        self.environment = environment
    }

    /// Does what `arguments` say; nil when they are about something else.
    public func run(_ arguments: [String]) async throws(SettingsError) -> ServiceProgram.Outcome? {
        guard arguments.first == "token" else { return nil }
        let project = try AccessSettings(environment: environment).project
        let work = try Self.work(Array(arguments.dropFirst()), project: project)
        let database = Database(try ControlPlane.database(in: environment))
        let outcome: ServiceProgram.Outcome
        do throws(PostgresError) { outcome = .done(try await work(Tokens(database: database))) } catch {
            outcome = .failed(
                error.isUnmigrated
                    ? "The database has no tokens yet: apply the migrations of this release first."
                    : "The database has no answer. \(error)")
        }
        await database.close()
        return outcome
    }

    private typealias Work = (Tokens) async throws(PostgresError) -> String

    private static func work(_ arguments: [String], project: String) throws(SettingsError) -> Work {
        switch arguments.first {
        case "create":
            let options = try options(arguments.dropFirst(), among: ["--name", "--role", "--project", "--expires"])
            guard let name = options["--name"], let role = options["--role"] else { throw SettingsError(usage) }
            let wanted = try TokenRequest(name: name, role: role, expires: options["--expires"])
            let project = options["--project"] ?? project
            guard Name<Project>(project) != nil else { throw SettingsError("'\(project)' cannot be the name of a project.") }
            return { (tokens) throws(PostgresError) in
                try await tokens.create(wanted.name, wanted.role, in: project, for: wanted.life, by: "api token create")
                    .text.text + "\n"
            }
        case "list":
            let hasAll = arguments.contains("--all")
            let project = try options(arguments.dropFirst().filter { $0 != "--all" }[...], among: ["--project"])["--project"]
            return { (tokens) throws(PostgresError) in
                var (lines, place): (String, TokenPlace?) = ("", nil)
                repeat {
                    let page = try await tokens.list(of: project, all: hasAll, limit: 200, before: place)
                    lines += page.tokens.map(line).joined()
                    place = page.next
                } while place != nil
                return lines
            }
        case "revoke":
            guard arguments.count == 2, TokenText.isID(arguments[1]) else { throw SettingsError(usage) }
            return { (tokens) throws(PostgresError) in
                guard let token = try await tokens.revoke(arguments[1], of: nil) else {
                    throw PostgresError(.other, "There is no token '\(arguments[1])'.")
                }
                return line(token)
            }
        default: throw SettingsError(usage)
        }
    }

    private static func options(
        _ arguments: ArraySlice<String>, among known: [String]
    ) throws(SettingsError) -> [String: String] {
        var options: [String: String] = [:]
        var rest = arguments
        while let name = rest.popFirst() {
            guard known.contains(name), options[name] == nil, let value = rest.popFirst() else { throw SettingsError(usage) }
            options[name] = value
        }
        return options
    }

    /// A token in one line of columns that tabs separate: id, project, role, name, state, and when it was last used.
    private static func line(_ token: Token) -> String {
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        let state =
            if let revoked = token.revoked {
                "revoked \(day(revoked))"
            } else if token.expires <= now { "expired \(day(token.expires))" } else { "until \(day(token.expires))" }
        let used = token.used.map { "used \(day($0))" } ?? "never used"
        return [token.id, token.project, token.role.rawValue, token.name, state, used].joined(separator: "\t") + "\n"
    }

    private static func day(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601.year().month().day())
    }
}
