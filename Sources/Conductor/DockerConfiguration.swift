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
        var configuration = JSONValue.object([:])
        if !known.isEmpty {
            guard let found = try? JSONDecoder().decode(JSONValue.self, from: Data(known)), case .object = found else {
                return nil
            }
            configuration = found
        }
        let pair = Data("\(login.user):\(login.password)".utf8).base64EncodedString()
        configuration.set(.object(["auth": .text(pair)]), at: ["auths", Substring(host)])
        configuration.set(.text(""), at: ["credHelpers", Substring(host)])
        var folders: [JSONValue] = []
        if case .list(let known)? = configuration.value(at: "cliPluginsExtraDirs") { folders = known }
        configuration.set(.list(folders + [.text(plugins)]), at: ["cliPluginsExtraDirs"])
        return Canonical.bytes(of: configuration)
    }
}
