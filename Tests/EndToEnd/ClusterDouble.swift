import Foundation
import Peers
import Processes
import Shops
import Testing

/// A test double of a Kubernetes API server (docs/double.md), with the genuine helm and kubectl to talk to it.
///
/// No pod runs on it, and no result against it is a cluster test.
final class ClusterDouble: TestCluster {
    let context: String
    let server: String
    let variables: [String: String]
    private let folder: String
    private let control: String
    private let peer: Peer

    /// Starts one that knows nothing yet; a name of its own is for several in one kubeconfig.
    init(_ helm: Helm, named name: String = "double") throws {
        context = name
        folder = NSTemporaryDirectory() + "shipit-e2e-cluster-" + String(UInt32.random(in: .min ... .max), radix: 36)
        peer = try Peer([Peer.support("kubernetes"), folder])
        server = "https://127.0.0.1:\(peer.facts["port"] ?? "0")"
        control = "http://127.0.0.1:\(peer.facts["control"] ?? "0")/double"
        let kubeconfig = "\(folder)/kubeconfig"
        variables = try helm.variables(kubeconfig: kubeconfig, home: folder)
        let text = try String(contentsOfFile: kubeconfig, encoding: .utf8)
        try text.replacing(/: double\b(?!-)/, with: ": \(name)").write(toFile: kubeconfig, atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Switches a fault on, as docs/double.md lists them.
    func switchOn(_ fields: [String: any Sendable]) async throws {
        try await post(fields, to: "faults")
    }

    /// Gives a release that many more old revisions.
    func fillHistory(of release: String, in namespace: String, with count: Int) async throws {
        try await post(["release": release, "namespace": namespace, "count": count], to: "releases")
    }

    /// Switches all faults off.
    func switchOff() async throws {
        try await World.run("curl", ["--silent", "--fail", "--request", "DELETE", "\(control)/faults"])
    }

    private func post(_ fields: [String: any Sendable], to path: String) async throws {
        let body = String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
        try await World.run("curl", ["--silent", "--fail", "--data-binary", body, "\(control)/\(path)"])
    }
}
