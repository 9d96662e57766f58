import CPostgres

/// Where a PostgreSQL database is and who asks for it: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`.
///
/// Read by libpq's own rules (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING), so that every URL `psql`
/// takes works here, and a password may come from `PGPASSWORD` or `.pgpass` instead. However the value is printed, the
/// password is not part of it.
public struct DatabaseURL: Sendable, Hashable {
    /// What libpq is told, by keyword; the password among it.
    let parameters: [String: String]

    /// Reads a URL that starts with `postgres://` or `postgresql://`.
    public init(_ text: String) throws(PostgresError) {
        // No message of libpq is shown here, since it would quote the URL, and the password with it.
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://"), !text.utf8.contains(0),
            let parameters = Self.parse(text)
        else {
            throw PostgresError(
                .other, "The database URL cannot be read; write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE.")
        }
        // A password with such a character ends too early, and its rest would be shown as host, port or database.
        let shown = ["host", "port", "dbname"].compactMap { parameters[$0] }
        guard !shown.contains(where: { $0.contains("@") }),
            parameters["port"]?.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "," }) ?? true
        else {
            throw PostgresError(
                .other,
                """
                The database URL cannot be read: it has an @ in its host or database, or a port that is no number. \
                Write @, / and : in a password as %40, %2F and %3A.
                """)
        }
        self.parameters = parameters
    }

    /// Whether the server has to prove who it is.
    var checksCertificate: Bool { parameters["sslmode"]?.hasPrefix("verify-") ?? false }

    private static func parse(_ text: String) -> [String: String]? {
        guard let options = unsafe PQconninfoParse(text, nil) else { return nil }
        defer { unsafe PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe parameters[String(cString: keyword)] = String(cString: value)
            }
            unsafe option += 1
        }
        return parameters
    }
}

extension DatabaseURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL with user, host, port and database, and without the password and the parameters.
    public var description: String {
        let user = parameters["user"].map { $0 + "@" } ?? ""
        let host = parameters["host"].map { $0.contains(":") ? "[\($0)]" : $0 } ?? ""
        let port = parameters["port"].map { ":" + $0 } ?? ""
        return "postgres://\(user)\(host)\(port)/\(parameters["dbname"] ?? "")"
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// Shows `description` alone, so that `dump` of whatever holds a URL shows no password.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
