import FoundationEssentials

/// What Docker's configuration says about a registry.
public enum DockerCredentials: Sendable, Equatable {
    /// Nothing: nobody has logged in.
    case none
    /// These.
    case found(Credentials)
    /// The program `docker-credential-NAME` has them: run it with the argument `get` and `server` on its standard input, and
    /// give its output to `Credentials.init(helperOutput:)`.
    case helper(name: String, server: String)

    /// Reads `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json`; a missing file is `none`.
    /// - Parameters:
    ///   - environment: looked up for `DOCKER_CONFIG` and `HOME`.
    ///   - host: the registry's host, with its port if it has one.
    public static func read(environment: [String: String], host: String) throws(RegistryError) -> DockerCredentials {
        guard let folder = folder(in: environment) else { return .none }
        let path = folder + "/config.json"
        guard FileManager.default.fileExists(atPath: path) else { return .none }
        guard let json = FileManager.default.contents(atPath: path) else {
            throw RegistryError(.invalidName, "Docker's configuration \(path) cannot be read. Check its owner and mode.")
        }
        return try Credentials.fromDockerConfig(Array(json), host: host)
    }

    /// Where Docker's configuration is, by `DOCKER_CONFIG` and `HOME`; nil where neither says.
    public static func folder(in environment: [String: String]) -> String? {
        if let named = environment["DOCKER_CONFIG"], !named.isEmpty { return named }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return home + "/.docker"
    }
}

extension Credentials {
    /// What the configuration in `json` says about `host`, in docker's own order: a helper for this registry, then the helper
    /// for all, then a stored entry.
    public static func fromDockerConfig(_ json: [UInt8], host: String) throws(RegistryError) -> DockerCredentials {
        let file: ConfigFile
        do {
            file = try JSONDecoder().decode(ConfigFile.self, from: Data(json))
        } catch {
            // The decoder's own text may quote the file, and with it a password.
            throw RegistryError(.invalidName, "Docker's configuration is no JSON of the known form. Run: docker login \(host)")
        }
        let server = isDockerHub(host) ? "https://index.docker.io/v1/" : host
        if let helper = file.credHelpers?[host] ?? file.credsStore, !helper.isEmpty {
            return .helper(name: helper, server: server)
        }
        let entries = file.auths ?? [:]
        let key = entries.keys.sorted().first { Self.host(ofKey: $0) == host || isDockerHub(host) && $0 == server }
        guard let key, let entry = entries[key] else { return .none }
        if let user = entry.username, let password = entry.password, !user.isEmpty, !password.isEmpty {
            return .found(Credentials(user: user, password: password))
        }
        guard let auth = entry.auth, !auth.isEmpty else { return .none }
        guard let bytes = Data(base64Encoded: auth), let text = String(bytes: bytes, encoding: .utf8),
            let colon = text.firstIndex(of: ":"), colon != text.startIndex
        else {
            throw RegistryError(
                .invalidName,
                "The entry for \(host) in Docker's configuration is no base64 of USER:PASSWORD. Run: docker login \(host)")
        }
        // Docker pads old entries with NUL.
        let password = text[text.index(after: colon)...].prefix { $0 != "\0" }
        return .found(Credentials(user: String(text[..<colon]), password: String(password)))
    }

    /// Reads what `docker-credential-NAME get` prints: JSON with `Username` and `Secret`.
    public init(helperOutput json: [UInt8]) throws(RegistryError) {
        guard let answer = try? JSONDecoder().decode(HelperAnswer.self, from: Data(json)) else {
            throw RegistryError(
                .invalidName, "The credential helper's answer is no JSON with Username and Secret. Run: docker login")
        }
        // The helper's sign for an identity token, which only OAuth2's refresh flow takes.
        guard answer.Username != "<token>" else {
            throw RegistryError(
                .invalidName, "The credential helper has an identity token; a user and a password or access token are needed.")
        }
        self.init(user: answer.Username, password: answer.Secret)
    }

    private static func isDockerHub(_ host: String) -> Bool {
        host == "docker.io" || host == "index.docker.io" || host == "registry-1.docker.io"
    }

    /// The host in a key: `ghcr.io`, or in the old form `https://ghcr.io/v1/`.
    private static func host(ofKey key: String) -> Substring {
        var rest = key[...]
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        return rest.prefix { $0 != "/" }
    }
}

private struct ConfigFile: Decodable {
    struct Entry: Decodable {
        let auth: String?
        let username: String?
        let password: String?
    }

    let auths: [String: Entry]?
    let credsStore: String?
    let credHelpers: [String: String]?
}

/// Spelled as the helpers' protocol does.
private struct HelperAnswer: Decodable {
    let Username: String
    let Secret: String
}
