import Registry

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Docker's `config.json` with one more login.
enum DockerConfiguration {
    /// The user's configuration with a login for `host`, and with the plugin folder it would lose by moving.
    ///
    /// Credential stores are left out: they would be asked instead of the login.
    static func adding(_ login: Credentials, for host: String, to known: [UInt8]?, plugins: String) -> [UInt8] {
        struct Configuration: Codable {
            struct Login: Codable { var auth: String }
            var auths: [String: Login]?
            var currentContext: String?
            var cliPluginsExtraDirs: [String]?
        }
        var configuration = known.flatMap { try? JSONDecoder().decode(Configuration.self, from: Data($0)) } ?? Configuration()
        let pair = Data("\(login.user):\(login.password)".utf8).base64EncodedString()
        configuration.auths = (configuration.auths ?? [:]).merging([host: .init(auth: pair)]) { _, new in new }
        configuration.cliPluginsExtraDirs = (configuration.cliPluginsExtraDirs ?? []) + [plugins]
        return (try? JSONEncoder().encode(configuration)).map(Array.init) ?? []
    }
}
