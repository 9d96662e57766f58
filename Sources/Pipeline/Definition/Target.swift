/// How an environment runs a release.
public enum Target: Hashable, Sendable, Codable {
    /// One Docker host, through docker compose.
    case compose(ComposeTarget)
    /// One or more Kubernetes clusters, through helm.
    case helm(HelmTarget)

    /// One line for people: what would be changed.
    public var summary: String {
        switch self {
        case .compose(let target): "compose project \(target.project)"
        case .helm(let target): "helm release \(target.release) in \(target.namespace) on \(target.places)"
        }
    }

    /// What describes a release to it, in a word for people.
    public var fileWord: String {
        switch self {
        case .compose: "compose file"
        case .helm: "chart"
        }
    }
}

/// A release as a compose project on one Docker host.
public struct ComposeTarget: Hashable, Sendable, Codable {
    /// The compose file, relative to the repository's root.
    ///
    /// It names images as `${SHIPIT_IMAGE_SERVICE}`.
    public var file: String
    /// The compose project's name; the candidate's is `PROJECT-candidate`.
    public var project: String
    /// How long containers may take to get healthy.
    public var healthyWithin: TimeSpan
}

/// A release as a helm release in a namespace, the same on each of its clusters.
public struct HelmTarget: Hashable, Sendable, Codable {
    /// The chart's folder, relative to the repository's root.
    ///
    /// It is given the images by digest under `images` and the release's record under `shipit`.
    public var chart: String
    /// Files of values, relative to the repository's root; a later one wins over those before.
    public var valueFiles: [String]
    /// The helm release's name.
    public var release: String
    /// The namespace, which must be there.
    public var namespace: String
    /// Where it runs: one after the other, the next only once the one before is proven.
    public var clusters: [Cluster]
    /// How long a rollout may take on one cluster.
    public var healthyWithin: TimeSpan
    /// How helm waits.
    public var wait: HelmWait

    /// The clusters by name, for people.
    var places: String { clusters.map(\.context).joined(separator: ", ") }
}

/// One Kubernetes cluster.
public struct Cluster: Hashable, Sendable, Codable {
    /// The context in the kubeconfig.
    public var context: String
    /// The API server that the context must lead to, so that a wrong kubeconfig is never deployed to.
    public var server: String
}

/// How helm finds out that a rollout is done.
public enum HelmWait: String, Hashable, Sendable, Codable, CaseIterable {
    /// Helm's own way: with helm 4 it watches the status of every resource.
    case standard
    /// Helm 3's way also with helm 4: for charts with resources that never report a status helm 4 knows.
    case legacy
}
