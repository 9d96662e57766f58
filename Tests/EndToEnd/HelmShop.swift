import Foundation
import Processes
import Shops

/// A shop that ships `charts/app` to a cluster instead of a compose project.
struct HelmShop: Checkout {
    /// Its images, its repository, its databases.
    let shop: Shop
    /// See `Checkout`.
    let variables: [String: String]

    var folder: String { shop.folder }

    /// Makes a shop for a cluster, or several, that have its two namespaces, hands it and the first to `body`, and takes it down again.
    static func with(
        _ cluster: any TestCluster, _ further: any TestCluster..., body: (HelmShop, any TestCluster) async throws -> Void
    ) async throws {
        let clusters = [cluster] + further
        try await Shop.with { shop in
            var variables = shop.variables.merging(cluster.variables) { _, new in new }
            variables["KUBECONFIG"] = clusters.compactMap { $0.variables["KUBECONFIG"] }.joined(separator: ":")
            let own = HelmShop(shop: shop, variables: variables)
            let namespaces = ["staging", "production"].map(own.namespace)
            try await World.run {
                for cluster in clusters {
                    for namespace in namespaces { try await Self.make(namespace, on: cluster) }
                }
                try await own.moveIn(to: clusters)
                try await body(own, cluster)
            } andAlways: {
                for cluster in clusters {
                    for namespace in namespaces {
                        _ = try? await cluster.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
                    }
                }
            }
        }
    }

    /// A namespace with what the chart expects in it.
    private static func make(_ namespace: String, on cluster: any TestCluster) async throws {
        try await cluster.kubectl("create", "namespace", namespace)
        try await cluster.kubectl(
            "create", "secret", "generic", "shipit-database", "--namespace", namespace,
            "--from-literal=DATABASE_URL=postgres://nowhere/shop",
            "--from-literal=LEDGER_URL=postgres://nowhere/ledger")
        try await cluster.kubectl(
            "create", "secret", "generic", "pooler", "--namespace", namespace, "--from-literal=userlist.txt=")
    }

    /// Writes the chart and the targets into the repository.
    private func moveIn(to clusters: [any TestCluster]) async throws {
        let places = clusters.map { "{context: \"\($0.context)\", server: \"\($0.server)\"}" }.joined(separator: ", ")
        try await World.run("cp", ["-r", "\(World.repository)/charts", folder])
        try edit("pipelines/project.yml") { text in
            // What the compose file interpolates, and pages that no pod of a double serves.
            let kept = text.split(separator: "\n").filter { line in
                !["    values:", "    checks:", "      - {http:"].contains { line.hasPrefix($0) }
            }
            return kept.map { line in
                guard line.hasPrefix("      compose:") else { return String(line) }
                let environment = line.contains("-staging,") ? "staging" : "production"
                return """
                          helm:
                            chart: charts/app
                            values: [charts/app/environments/\(environment).yaml]
                            release: shop
                            namespace: \(namespace(environment))
                            clusters: [\(places)]
                            healthy-within: \(clusters[0] is ClusterDouble ? "20s" : "3m")
                    """
            }.joined(separator: "\n") + "\n"
        }
        try await publish("on Kubernetes")
    }

    /// Commits everything, and brings the images to nodes that reach no registry.
    func publish(_ message: String) async throws {
        try await commit(message)
        guard let load = Command.inheritedEnvironment["SHIPIT_E2E_LOAD"] else { return }
        for service in ["api", "web"] {
            let built = try await shipit("run", "release", "--to", "build-\(service)", "--json")
            for image in Set(built.text.matches(of: #/[^"\s]+@sha256:[0-9a-f]{64}/#).map { String($0.0) }) {
                try await World.run("sh", ["-c", "\(load) \(image)"])
            }
        }
    }

    /// Another commit, which changes both services.
    ///
    /// With "broken" in it a service ends at once, and with "sick" it is never healthy (serve.pl).
    func change(_ word: String) async throws {
        for service in ["api", "web"] { try edit("service/\(service).txt") { _ in "\(service) \(word)\n" } }
        try await publish(word)
    }

    /// An image that no registry has.
    var missingImage: String { "\(shop.registry)/\(shop.name)/nothing@sha256:\(String(repeating: "0", count: 64))" }

    /// Where an environment runs.
    func namespace(_ environment: String) -> String { "\(shop.name)-\(environment)" }
}
