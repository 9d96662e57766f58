import CanonicalJSON
import Registry

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Docker's `config.json` with one more login.
enum DockerConfiguration {
    /// The user's configuration with a login for `host`, and with the plugin folder it would lose by moving; all else is as it was.
    ///
    /// The registry gets an empty credential helper, which sends docker to the login that stands here; the stores of other registries are
    /// theirs still.
    ///
    /// - Parameters:
    ///   - login: the login.
    ///   - host: the registry's, with its port if it has one.
    ///   - known: the user's configuration; empty where there is none.
    ///   - plugins: the folder of the user's plugins.
    /// - Returns: nil when it is no JSON object.
    static func adding(_ login: Credentials, for host: String, to known: [UInt8], plugins: String) -> [UInt8]? {
        var configuration: [String: JSONValue] = [:]
        if !known.isEmpty {
            guard case .object(let fields)? = try? JSONDecoder().decode(JSONValue.self, from: Data(known)) else { return nil }
            configuration = fields
        }
        let pair = Data("\(login.user):\(login.password)".utf8).base64EncodedString()
        configuration["auths"] = configuration["auths"].adding(.object(["auth": .text(pair)]), as: host)
        configuration["credHelpers"] = configuration["credHelpers"].adding(.text(""), as: host)
        var folders: [JSONValue] = []
        if case .list(let known)? = configuration["cliPluginsExtraDirs"] { folders = known }
        configuration["cliPluginsExtraDirs"] = .list(folders + [.text(plugins)])
        return Canonical.bytes(of: configuration)
    }
}

extension JSONValue? {
    /// The object with a field put in, or one of that field alone.
    fileprivate func adding(_ value: JSONValue, as name: String) -> JSONValue {
        guard case .object(let fields)? = self else { return .object([name: value]) }
        return .object(fields.merging([name: value]) { $1 })
    }
}
