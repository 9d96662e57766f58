import Pipeline
import Processes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How helm and kubectl are called for one namespace of one cluster.
///
/// They get a kubeconfig of our own, which knows that one cluster and no other, so that what was checked is what is used.
struct ClusterAccess: Sendable {
    let work: Work
    let cluster: Cluster
    let namespace: String
    private let kubeconfig: String

    /// Calls `body` with access to a cluster, once its context was seen to lead to the server that the project names.
    static func with<Answer: Sendable>(
        _ cluster: Cluster, namespace: String, _ work: Work,
        _ body: (ClusterAccess) async throws(StageFailure) -> Answer
    ) async throws(StageFailure) -> Answer {
        let view = Command(
            "kubectl", ["config", "view", "--minify", "--flatten", "--context=\(cluster.context)", "--output=json"],
            environment: variables(of: work))
        let asked = try await work.ask(view)
        guard asked.outcome.succeeded else {
            throw StageFailure(
                "context-missing",
                "The kubeconfig has no context '\(cluster.context)'. \(work.badEnd(of: view, asked).failure.message)",
                remedy: "Set KUBECONFIG to one that has it, or correct the context in \(Workspace.projectFile).")
        }
        let configuration = asked.standardOutput
        let known = try? JSONDecoder().decode(Kubeconfig.self, from: Data(configuration))
        let server = known?.clusters?.first.map { Self.plain($0.cluster.server) }
        guard let known, let server, server == Self.plain(cluster.server) else {
            throw StageFailure(
                "wrong-cluster",
                "The context '\(cluster.context)' leads to \(server ?? "no server"), and the project deploys to \(cluster.server). Nothing was touched.",
                remedy: "Correct the kubeconfig; if the cluster has moved, correct its server in \(Workspace.projectFile).")
        }
        let folder = try ScratchFolder("kubeconfig")
        defer { folder.remove() }
        let (first, second) = ("\(folder.path)/namespace", "\(folder.path)/config")
        do {
            // What stands in the first of several files counts.
            try PrivateFile.write(try JSONEncoder().encode(known.at(namespace)), to: first)
            try PrivateFile.write(configuration, to: second)
        } catch {
            throw StageFailure("scratch-failed", "A private kubeconfig could not be written: \(error).")
        }
        return try await body(
            ClusterAccess(work: work, cluster: cluster, namespace: namespace, kubeconfig: "\(first):\(second)"))
    }

    /// A helm command in the namespace.
    func helm(_ arguments: [String]) -> Command {
        // A helm that is told to end marks its release as failed first; one that is killed leaves it pending.
        Command("helm", arguments + ["--namespace", namespace], environment: variables, grace: .seconds(20))
    }

    /// A kubectl command in the namespace; one that the server does not answer ends.
    func kubectl(_ arguments: [String], input: [UInt8] = []) -> Command {
        Command("kubectl", arguments + ["--request-timeout=15s"], environment: variables, input: input)
    }

    /// Why the cluster cannot be worked with; nil when it answers and has the namespace.
    func obstacle() async throws(StageFailure) -> StageFailure? {
        let asked = try await ask(kubectl(["get", "namespace", namespace, "--output=name"]))
        guard !asked.outcome.succeeded else { return nil }
        // The reason in parentheses is the API's own word (`metav1.StatusReason`).
        switch asked.errorText {
        case let text where text.contains("(NotFound)"):
            return StageFailure(
                "namespace-missing", "The cluster \(cluster.context) has no namespace \(namespace). Nothing was touched.",
                remedy: "Make it: kubectl --context \(cluster.context) create namespace \(namespace)")
        // Who may only use the namespace need not be allowed to look at it from outside.
        case let text where text.contains("(Forbidden)"): return nil
        case let text where text.contains("(Unauthorized)"):
            return StageFailure(
                "cluster-refused", "The cluster \(cluster.context) does not know us: \(ClusterRefusal.words(of: text))",
                remedy: "Sign in again, or correct the user of the context.")
        case let text:
            return StageFailure(
                "cluster-unreachable",
                "The cluster \(cluster.context) at \(cluster.server) does not answer: \(ClusterRefusal.words(of: text))",
                remedy: "Check the network and the cluster; then 'shipit resume \(work.run)'.", isPassing: true)
        }
    }

    /// Runs a program for the JSON that it prints; when it fails, the cluster itself is asked why first.
    func read<Value: Decodable>(_ type: Value.Type, from command: Command) async throws(StageFailure) -> Value {
        let asked = try await ask(command)
        guard asked.outcome.succeeded else {
            if let obstacle = try await obstacle() { throw obstacle }
            throw failure("'\(command.description)' ended with \(asked.outcome.termination.words)", asked.errorText)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(asked.standardOutput))
        } catch {
            throw StageFailure("helm-unexpected", "'\(command.description)' printed what cannot be read.")
        }
    }

    /// What it means that helm or kubectl failed.
    /// - Parameters:
    ///   - what: what did not come about, in words.
    ///   - standardError: what it said.
    func failure(_ what: String, _ standardError: String, code: String = "cluster-refused") -> StageFailure {
        let words = work.tools.vault.redact(ClusterRefusal.words(of: standardError))
        switch ClusterRefusal(words) {
        case .forbidden:
            return StageFailure(
                "cluster-forbidden",
                "\(what): the user of the context '\(cluster.context)' lacks a right in \(namespace).\n\(words)",
                remedy: "Give it what helm needs there; charts/app has a role for it.")
        case .passing:
            return StageFailure(
                "cluster-busy", "\(what): \(words)", remedy: "It may pass: 'shipit retry \(work.run)' tries again.",
                isPassing: true)
        case .late, .refused: return StageFailure(code, "\(what): \(words)")
        }
    }

    /// What the cluster says to a rehearsal.
    func difference(_ rehearsal: Rehearsal) -> TargetDifference {
        switch rehearsal {
        case .taken(let objects): TargetDifference(place: cluster.context, objects: objects, refusal: nil)
        case .refused(let words):
            TargetDifference(
                place: cluster.context, objects: [], refusal: work.tools.vault.redact(ClusterRefusal.words(of: words)))
        }
    }

    /// Runs helm or kubectl for what it prints, whatever its end.
    func ask(_ command: Command) async throws(StageFailure) -> Captured {
        var command = command
        command.deadline = command.deadline ?? .seconds(60)
        return try await work.ask(command, limit: 16 << 20)
    }

    private var variables: [String: String] {
        Self.variables(of: work).merging(["KUBECONFIG": kubeconfig]) { _, new in new }
    }

    /// Ours without those that would lead helm to another cluster or namespace.
    private static func variables(of work: Work) -> [String: String] {
        work.tools.variables(for: work.project).filter { !$0.key.hasPrefix("HELM_KUBE") && $0.key != "HELM_NAMESPACE" }
    }

    private static func plain(_ address: String) -> String {
        address.hasSuffix("/") ? String(address.dropLast()) : address
    }
}

/// What is read of a kubeconfig, and written as one.
private struct Kubeconfig: Codable {
    struct NamedCluster: Codable {
        struct Cluster: Codable { var server: String }
        var cluster: Cluster
    }
    struct NamedContext: Codable {
        struct Context: Codable {
            var cluster: String
            var user: String?
            var namespace: String?
        }
        var name: String
        var context: Context
    }
    var apiVersion: String? = "v1"
    var kind: String? = "Config"
    var clusters: [NamedCluster]?
    var contexts: [NamedContext]?
    var current: String?

    enum CodingKeys: String, CodingKey {
        case apiVersion, kind, clusters, contexts
        case current = "current-context"
    }

    /// One that holds the same context, and nothing else, with another namespace.
    func at(_ namespace: String) -> Kubeconfig {
        var moved = contexts?.first
        moved?.context.namespace = namespace
        return Kubeconfig(contexts: moved.map { [$0] }, current: moved?.name)
    }
}
