public import Journal
public import Postgres
public import RemoteStores

/// Where a ledger is, as `SHIPIT_STATE` says it; never prints a password.
public enum StateLocation: Sendable, Hashable, CustomStringConvertible {
    /// An SQLite file, for one machine.
    case file(path: String)
    /// A PostgreSQL database, for a team.
    case database(DatabaseURL)
    /// An API in front of a team's ledger.
    case api(APIAddress)

    /// Reads a path, a `postgres://` or `postgresql://` URL, or the `https://` address of an API.
    public init(parsing text: String) throws(StoreError) {
        guard let scheme = text.firstRange(of: "://").map({ text[..<$0.lowerBound] }) else {
            guard !text.isEmpty else {
                throw StoreError(.failed, "SHIPIT_STATE is empty; \(Self.choices).")
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
        case "http", "https": self = .api(try APIAddress(text))
        default:
            // Only the scheme is shown: what follows may hold a password.
            throw StoreError(.failed, "SHIPIT_STATE starts with \(scheme)://, which shipit does not know; \(Self.choices).")
        }
    }

    private static let choices = "give the path of a file, a postgres:// URL or the https:// address of an API"

    /// Whether others than the users of this machine see the ledger.
    public var isShared: Bool {
        switch self {
        case .file: false
        case .database, .api: true
        }
    }

    /// The path, the URL without its password, or the address.
    public var description: String {
        switch self {
        case .file(let path): path
        case .database(let url): url.description
        case .api(let address): address.description
        }
    }
}
