import Pipeline
import Processes
import Registry

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Docker's own logins: what `docker login` has left, in its file or with a credential helper.
struct DockerLogins: Sendable {
    let work: Work

    /// The login for a registry's host; nil when docker has none.
    func login(for host: String) async -> Credentials? {
        let variables = work.tools.world.variables
        let folder = variables["DOCKER_CONFIG"] ?? "\(variables["HOME"] ?? "/root")/.docker"
        guard let content = try? FileContent.read("\(folder)/config.json", limit: 4 << 20) else { return nil }
        switch try? Credentials.fromDockerConfig(content, host: host) {
        case .credentials(let credentials): return credentials
        case .helper(let name): return await ask(helper: name, host)
        case nil, .some(.none): return nil
        }
    }

    /// The protocol of docker's credential helpers: the host on standard input, JSON on standard output.
    private func ask(helper: String, _ host: String) async -> Credentials? {
        struct Answer: Decodable {
            var Username: String
            var Secret: String
        }
        let command = Command(
            "docker-credential-\(helper)", ["get"], environment: work.tools.world.variables, input: Array(host.utf8), deadline: .seconds(20))
        guard let captured = try? await capture(command, limit: 1 << 20), captured.outcome.succeeded else { return nil }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(captured.standardOutput)) else { return nil }
        return Credentials(username: answer.Username, password: answer.Secret)
    }
}
