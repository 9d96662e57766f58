import Foundation
import Peers
import Processes
import Shops
import Testing

/// A test double of a Kubernetes API server (docs/double.md), with the genuine helm and kubectl to talk to it.
///
/// No pod runs on it, and no result against it is a cluster test.
final class ClusterDouble: TestCluster {
    let context = "double"
    let server: String
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
        variables = try helm.variables(kubeconfig: "\(folder)/kubeconfig", home: folder)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Switches a fault on, as docs/double.md lists them.
    func switchOn(_ fields: [String: any Sendable]) async throws {
        let body = String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
        try await World.run("curl", ["--silent", "--fail", "--data-binary", body, "\(control)/faults"])
    }

    /// Switches all faults off.
    func switchOff() async throws {
        try await World.run("curl", ["--silent", "--fail", "--request", "DELETE", "\(control)/faults"])
    }
}
