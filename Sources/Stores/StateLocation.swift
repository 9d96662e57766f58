public import Journal
public import Postgres

/// Where a ledger is, as `SHIPIT_STATE` says it; never prints a password.
public enum StateLocation: Sendable, Hashable, CustomStringConvertible {
    /// An SQLite file, for one machine.
    case file(path: String)
    /// A PostgreSQL database, for a team.
    case database(DatabaseURL)

    /// Reads a path or a `postgres://` or `postgresql://` URL.
    public init(parsing text: String) throws(StoreError) {
        guard let scheme = text.firstRange(of: "://").map({ text[..<$0.lowerBound] }) else {
            guard !text.isEmpty else {
                throw StoreError(.failed, "SHIPIT_STATE is empty; give the path of a file or a postgres:// URL.")
            }
            self = .file(path: text)
            return
        }
        switch scheme {
        case "postgres", "postgresql":
            do throws(PostgresError) {
                self = .database(try DatabaseURL(text))
            } catch {
                throw StoreError(.failed, "SHIPIT_STATE: \(error.message)")
            }
        case "http", "https":
            throw StoreError(
                .failed,
                "SHIPIT_STATE names an API, and this shipit has no store for one yet; give a path or a postgres:// URL.")
        default:
            // Only the scheme is shown: what follows may hold a password.
            throw StoreError(
                .failed, "SHIPIT_STATE starts with \(scheme)://, which shipit does not know; give a path or a postgres:// URL.")
        }
    }

    /// Whether others than the users of this machine see the ledger.
    public var isShared: Bool {
        switch self {
        case .file: false
        case .database: true
        }
    }

    /// The path, or the URL without its password.
    public var description: String {
        switch self {
        case .file(let path): path
        case .database(let url): url.description
        }
    }
}
