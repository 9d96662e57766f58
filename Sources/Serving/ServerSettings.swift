public import Logging

/// What a service is told by its environment: where to listen, and how much to say.
public struct ServerSettings: Sendable, Hashable {
    /// The address to listen on; all of them by default, since a container is alone on its network.
    public var host: String
    /// The port; 0 lets the system choose one.
    public var port: Int
    /// What is logged: this level and above.
    public var logLevel: Logger.Level
    /// How long a client may take nothing of what is sent to it.
    var patience = Duration.seconds(30)
    /// How long a connection may be open without a whole header of a request.
    var idle = Duration.seconds(30)

    /// A service at `host` and `port`.
    public init(host: String, port: Int, logLevel: Logger.Level = .info) {
        self.host = host
        self.port = port
        self.logLevel = logLevel
    }

    /// Reads `HOST`, `PORT` and `LOG_LEVEL`; what is not set or empty has its default.
    public init(environment: [String: String], defaultPort: Int) throws(SettingsError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let port = value("PORT") ?? String(defaultPort)
        guard let number = Int(port), (0...65_535).contains(number) else {
            throw SettingsError("PORT is '\(port)', which is no port: set it to a number from 0 to 65535.")
        }
        let level = value("LOG_LEVEL") ?? Logger.Level.info.rawValue
        guard let logLevel = Logger.Level(rawValue: level.lowercased()) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError("LOG_LEVEL is '\(level)', which is no level: set it to one of \(known).")
        }
        self.init(host: value("HOST") ?? "0.0.0.0", port: number, logLevel: logLevel)
    }
}

/// Why a service cannot start: something in its environment or its arguments is wrong.
public struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to write instead, without a secret.
    public let description: String

    /// A mistake, told as `description`.
    public init(_ description: String) {
        self.description = description
    }
}
