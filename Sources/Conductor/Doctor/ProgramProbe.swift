import Processes

/// Looks at the programs that shipit calls, as it would find and call them.
struct ProgramProbe: Sendable {
    let variables: [String: String]
    private static let patience = Duration.seconds(4)

    private static let docker = "https://docs.docker.com/engine/install"
    private static let compose = "https://docs.docker.com/compose/install/linux"
    private static let buildx = "https://github.com/docker/buildx#installing"
    private static let helm = "https://helm.sh/docs/intro/install"
    private static let kubectl = "https://kubernetes.io/docs/tasks/tools"

    /// The client, and the engine it leads to.
    func docker() async -> Finding {
        switch await ask("docker", ["version", "--format", "{{.Client.Version}} {{.Server.Version}}"]) {
        case .absent(let why): return Finding("docker", .missing, why, remedy: "Install it: \(Self.docker)")
        case .late:
            return Finding(
                "docker", .missing, "The engine \(place) does not answer within \(Self.patience.components.seconds) s.",
                remedy: "Look at it: systemctl status docker. DOCKER_HOST and 'docker context' say which one is asked.")
        case .failed(let words):
            return Finding(
                "docker", .missing, "No engine answers \(place): \(words)",
                remedy:
                    "Start one (systemctl start docker), join the group 'docker' if permission is denied, or set DOCKER_HOST.")
        case .said(let text):
            let versions = text.split(separator: " ")
            return Finding(
                "docker", .fine,
                "client \(versions.first ?? "unknown"), engine \(versions.dropFirst().first ?? "unknown") \(place)")
        }
    }

    private var place: String { variables["DOCKER_HOST"].map { "at \($0)" } ?? "of docker's current context" }

    /// The plugin that compose targets are run with.
    func compose() async -> Finding {
        switch await ask("docker", ["compose", "version", "--short"]) {
        case .said(let text): return Finding("compose", .fine, text)
        case .late: return late("compose")
        case .absent, .failed:
            return Finding(
                "compose", .missing, "docker has no plugin 'compose' (version 2).",
                remedy: "Install it (Debian and Ubuntu: docker-compose-plugin or docker-compose-v2): \(Self.compose)")
        }
    }

    /// What images are built with.
    func buildKit() async -> Finding {
        let asked = await ask("docker", ["buildx", "version"])
        if case .said(let text) = asked {
            let words = text.split(separator: " ")
            return Finding("BuildKit", .fine, "buildx \(words.dropFirst().first ?? words.first ?? "")")
        }
        if case .late = asked { return late("BuildKit") }
        // A client before 23 has it built in, and needs no plugin.
        if case .said(let text) = await ask("docker", ["--version"]), let major = Self.version(in: text)?.major,
            (19..<23).contains(major)
        {
            return Finding("BuildKit", .fine, "built into docker \(major)")
        }
        return Finding(
            "BuildKit", .missing, "docker has no plugin 'buildx', without which it has no BuildKit.",
            remedy: "Install it (Debian and Ubuntu: docker-buildx-plugin or docker-buildx): \(Self.buildx)")
    }

    /// helm, of a version that shipit can work with.
    func helm() async -> Finding {
        switch await ask("helm", ["version", "--short"]) {
        case .absent(let why): return Finding("helm", .missing, why, remedy: "Install helm 4, or 3.17 and newer: \(Self.helm)")
        case .late: return late("helm")
        case .failed(let words):
            return Finding("helm", .missing, "'helm version' failed: \(words)", remedy: "Install it anew: \(Self.helm)")
        case .said(let text):
            guard let found = Self.version(in: text), (found.major, found.minor) >= (3, 17) else {
                return Finding(
                    "helm", .missing, "helm \(text) is too old.", remedy: "Install helm 4, or 3.17 and newer: \(Self.helm)")
            }
            return Finding("helm", .fine, String(text.prefix { $0 != "+" }))
        }
    }

    /// kubectl.
    func kubectl() async -> Finding {
        switch await ask("kubectl", ["version", "--client"]) {
        case .absent(let why): return Finding("kubectl", .missing, why, remedy: "Install it: \(Self.kubectl)")
        case .late: return late("kubectl")
        case .failed(let words):
            return Finding("kubectl", .missing, "'kubectl version' failed: \(words)", remedy: "Install it anew: \(Self.kubectl)")
        case .said(let text):
            let first = text.split(separator: "\n").first.map(String.init) ?? text
            return Finding("kubectl", .fine, first.replacing("Client Version: ", with: ""))
        }
    }

    /// git itself, for the person: shipit reads repositories by a library.
    func git() async -> Finding {
        switch await ask("git", ["--version"]) {
        case .said(let text): return Finding("git", .fine, text.replacing("git version ", with: ""))
        case .late: return late("git")
        case .absent(let why), .failed(let why):
            return Finding("git", .missing, why, remedy: "Install it with your system's packages: apt install git")
        }
    }

    private func late(_ subject: String) -> Finding {
        Finding(
            subject, .missing, "It does not answer within \(Self.patience.components.seconds) s.",
            remedy: "Run it by hand, and see what it waits for.")
    }

    // MARK: Asking

    private enum Reply {
        case absent(String)
        case late
        case failed(String)
        case said(String)
    }

    private func ask(_ program: String, _ arguments: [String]) async -> Reply {
        let command = Command(
            program, arguments, environment: variables, deadline: Self.patience, grace: .milliseconds(200))
        do throws(ProcessError) {
            let captured = try await capture(command, limit: 64 << 10)
            if captured.outcome.ended == .deadline { return .late }
            guard captured.outcome.succeeded else {
                let said = captured.errorText.split(separator: "\n").last.map(String.init)
                return .failed(said ?? "it ended with \(captured.outcome.termination.words)")
            }
            return .said(captured.text.split(separator: "\n", omittingEmptySubsequences: true).joined(separator: "\n"))
        } catch {
            // The whole PATH is no help to whoever reads a list.
            return .absent(error.code == .notFound ? "\(program) is in no folder of PATH." : error.description)
        }
    }

    /// The first `N.N` of a text.
    private static func version(in text: String) -> (major: Int, minor: Int)? {
        text.firstMatch(of: /(\d+)\.(\d+)/).flatMap { match in Int(match.1).flatMap { major in Int(match.2).map { (major, $0) } }
        }
    }
}
