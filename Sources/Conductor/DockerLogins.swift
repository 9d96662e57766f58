import Pipeline
import Processes
import Registry

/// Docker's own logins: what `docker login` has left, in its file or with a credential helper.
struct DockerLogins: Sendable {
    let variables: [String: String]

    /// The login for a registry's host; nil when docker has none.
    func login(for host: String) async -> Credentials? {
        switch try? DockerCredentials.read(environment: variables, host: host) {
        case .found(let credentials): return credentials
        case .helper(let name, let server): return await ask(name, for: server)
        case nil, .some(.none): return nil
        }
    }

    /// The protocol of docker's credential helpers: the server on standard input, JSON on standard output.
    private func ask(_ helper: String, for server: String) async -> Credentials? {
        let command = Command(
            "docker-credential-\(helper)", ["get"], environment: variables, input: Array(server.utf8), deadline: .seconds(20))
        guard let captured = try? await capture(command, limit: 1 << 20), captured.outcome.succeeded else { return nil }
        return try? Credentials(helperOutput: captured.standardOutput)
    }
}
