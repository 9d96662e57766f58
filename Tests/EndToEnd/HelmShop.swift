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

    /// Makes a shop for a cluster that has its two namespaces, hands both to `body`, and takes the shop down again.
    static func with(
        _ major: ClusterDouble.Helm, _ body: (HelmShop, ClusterDouble) async throws -> Void
    ) async throws {
        try await Shop.with { shop in
            let cluster = try ClusterDouble(major)
            for environment in ["staging", "production"] {
                try await cluster.kubectl("create", "namespace", "\(shop.name)-\(environment)")
            }
            let own = HelmShop(shop: shop, variables: shop.variables.merging(cluster.variables) { _, new in new })
            try await own.moveIn(to: cluster.server)
            try await body(own, cluster)
        }
    }

    /// Writes the chart and the targets into the repository.
    private func moveIn(to server: String) async throws {
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
                            clusters: [{context: double, server: "\(server)"}]
                            healthy-within: 20s
                    """
            }.joined(separator: "\n") + "\n"
        }
        try await commit("on Kubernetes")
    }

    /// Another commit, which changes both services.
    func change(_ word: String) async throws {
        for service in ["api", "web"] { try edit("service/\(service).txt") { _ in "\(service) \(word)\n" } }
        try await commit(word)
    }

    /// Where an environment runs.
    func namespace(_ environment: String) -> String { "\(shop.name)-\(environment)" }
}

extension ClusterDouble {
    /// The images that an environment's Deployments ask for.
    func images(in namespace: String) async throws -> [String] {
        let path = "jsonpath={range .items[*]}{.spec.template.spec.containers[0].image}{\"\\n\"}{end}"
        return try await kubectl("get", "deployments", "--namespace", namespace, "--output", path).split(separator: "\n")
            .map(String.init).sorted()
    }
}
