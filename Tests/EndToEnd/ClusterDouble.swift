import Foundation
import Peers
import Processes
import Shops
import Testing

/// A test double of a Kubernetes API server (docs/double.md), with the genuine helm and kubectl to talk to it.
///
/// No pod runs on it, and no result against it is a cluster test.
final class ClusterDouble: Sendable {
    /// The genuine programs that `script/setup test` has put there, one of the two majors.
    enum Helm: String, CaseIterable, CustomTestStringConvertible {
        case four = "helm4"
        case three = "helm3"

        var testDescription: String { rawValue }
    }

    /// The address that its kubeconfig has.
    let server: String
    /// What shipit needs to find it.
    let variables: [String: String]
    private let folder: String
    private let control: String
    private let peer: Peer

    /// Starts one that knows nothing yet.
    init(_ helm: Helm) throws {
        folder = NSTemporaryDirectory() + "shipit-e2e-cluster-" + String(UInt32.random(in: .min ... .max), radix: 36)
        peer = try Peer([Peer.support("kubernetes"), folder])
        server = "https://127.0.0.1:\(peer.facts["port"] ?? "0")"
        control = "http://127.0.0.1:\(peer.facts["control"] ?? "0")/double"
        let path = Command.inheritedEnvironment["PATH"] ?? ""
        variables = [
            "KUBECONFIG": "\(folder)/kubeconfig", "PATH": "\(try World.variable("SHIPIT_E2E_TOOLS"))/\(helm.rawValue):\(path)",
            // Helm keeps caches there; and nobody's own configuration is read.
            "HOME": folder,
        ]
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Switches a fault on, as docs/double.md lists them.
    func fault(_ fields: [String: any Sendable]) async throws {
        let body = String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
        try await World.run("curl", ["--silent", "--fail", "--data-binary", body, "\(control)/faults"])
    }

    /// Switches all faults off.
    func heal() async throws {
        try await World.run("curl", ["--silent", "--fail", "--request", "DELETE", "\(control)/faults"])
    }

    /// What kubectl prints.
    @discardableResult
    func kubectl(_ arguments: String...) async throws -> String { try await run("kubectl", arguments) }

    /// What helm prints.
    @discardableResult
    func helm(_ arguments: String...) async throws -> String { try await run("helm", arguments) }

    private func run(_ program: String, _ arguments: [String]) async throws -> String {
        let command = Command(
            program, arguments, environment: Command.inheritedEnvironment.merging(variables) { _, new in new },
            deadline: .seconds(60))
        let captured = try await capture(command)
        guard captured.outcome.succeeded else {
            throw World.BadEnd(text: "\(program) \(arguments): \(captured.errorText)\(captured.text)")
        }
        return captured.text
    }
}
