import CPostgres

extension Session {
    /// Connects within the watch's time.
    ///
    /// Looking a host name up is the one thing libpq cannot be kept from blocking in; it takes as long as the resolver does.
    convenience init(_ url: DatabaseURL, applicationName: String, watch: Watch) throws(PostgresError) {
        // The keep-alive values notice a server that went away within about half a minute.
        let defaults = [
            "application_name": applicationName, "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "4",
            "tcp_user_timeout": "30000",
        ]
        let parameters = defaults.merging(url.parameters) { $1 }.merging(["client_encoding": "UTF8"]) { $1 }.map { $0 }
        let connection = unsafe withCStrings(parameters.map(\.key)) { keys in
            unsafe withCStrings(parameters.map(\.value)) { values in unsafe PQconnectStartParams(keys, values, 0) }
        }
        guard let connection = unsafe connection else {
            throw PostgresError(.other, "There is no memory for a connection to \(url).")
        }
        unsafe self.init(taking: connection)
        // What the server says besides its answers would go to the standard error.
        unsafe PQsetNoticeReceiver(connection, { _, _ in }, nil)
        try connect(to: url, watch: watch)
    }

    private func connect(to url: DatabaseURL, watch: Watch) throws(PostgresError) {
        // Verbose messages carry the error code, which libpq gives in no other way while connecting.
        unsafe PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        var state = PGRES_POLLING_WRITING
        while unsafe PQstatus(connection) != CONNECTION_BAD, state != PGRES_POLLING_OK, state != PGRES_POLLING_FAILED {
            let event = unsafe watch.wait(
                for: PQsocket(connection), writing: state == PGRES_POLLING_WRITING, reading: state == PGRES_POLLING_READING)
            switch event {
            case .ready: state = unsafe PQconnectPoll(connection)
            case .cancelled: throw PostgresError(.cancelled, "Connecting to \(url) was cancelled.")
            case .late:
                throw PostgresError(
                    .unreachable, "Cannot connect to \(url): no answer in time. Check host, port and firewall.")
            }
        }
        guard unsafe PQstatus(connection) == CONNECTION_OK else { throw connectError(url) }
        unsafe PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        unsafe PQsetnonblocking(connection, 1)
    }

    private func connectError(_ url: DatabaseURL) -> PostgresError {
        let text = unsafe PostgresError.firstLine(PQerrorMessage(connection))
        let state = Self.sqlState(in: text)
        let isPasswordMissing = unsafe PQconnectionNeedsPassword(connection) == 1
        let code: PostgresError.Code = isPasswordMissing ? .refused : state.map(PostgresError.code(for:)) ?? .unreachable
        let advice =
            switch code {
            case .refused: "Check user and password."
            case .databaseMissing: "Create the database, or name another one."
            default:
                "Check that the server runs and that host and port are right"
                    + (url.checksCertificate
                        ? ", and that its certificate is for this host and signed by what sslrootcert names." : ".")
            }
        return PostgresError(code, "Cannot connect to \(url): \(text). \(advice)", sqlState: state)
    }

    /// The code in a verbose message, `… FATAL:  28P01: password authentication failed …`.
    private static func sqlState(in text: String) -> String? {
        text.split(separator: ": ").lazy
            .map { $0.drop { $0 == " " } }
            .first { part in
                part.utf8.count == 5 && part.contains(where: \.isNumber) && part.allSatisfy { $0.isNumber || $0.isUppercase }
            }
            .map(String.init)
    }
}
