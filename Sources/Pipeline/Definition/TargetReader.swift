extension Target {
    static let forms: [[KeyForm]] = [
        [
            .required(
                "compose", .mapping(ComposeTarget.keys), "One Docker host, through docker compose",
                example: "{file: compose.yaml, project: shop-staging}")
        ],
        [
            .required(
                "helm", .mapping(HelmTarget.keys), "One or more Kubernetes clusters, through helm",
                example: "{chart: charts/app, release: shop, namespace: shop-staging, clusters: […]}")
        ],
    ]

    static func read(_ node: YAMLNode, of owner: String, reporting collector: DiagnosticCollector) -> Target? {
        guard var fields = FieldReader(node, as: forms, subject: "the target of \(owner)", reporting: collector) else {
            return nil
        }
        defer { fields.finish() }
        let (compose, helm) = (fields.node("compose"), fields.node("helm"))
        if compose != nil, helm != nil {
            collector.report(
                .badValue, at: fields.place(of: "helm"), "the target of \(owner) is both compose and helm", remedy: "keep one")
            return nil
        }
        if let helm { return HelmTarget.read(helm, of: owner, reporting: collector).map(Target.helm) }
        guard let compose else {
            fields.reportMissing("compose")
            return nil
        }
        return ComposeTarget.read(compose, of: owner, reporting: collector).map(Target.compose)
    }

    /// Refuses a value under a name that shipit itself sets.
    func check(value: YAMLNode.Field, reporting collector: DiagnosticCollector) {
        guard case .helm = self, ["images", "shipit"].contains(value.key.prefix { $0 != "." }) else { return }
        collector.report(
            .badValue, at: value.keyLocation, "the value '\(value.key)' is set by shipit itself", offending: value.key,
            remedy: "take it out")
    }
}

extension ComposeTarget {
    static let keys: [KeyForm] = [
        .required(
            "file", .text(.path),
            "The compose file, relative to the repository's root; it names images as ${SHIPIT_IMAGE_SERVICE}",
            example: "compose.yaml"),
        .required(
            "project", .text(.name), "The compose project's name; the candidate's is PROJECT-candidate", example: "shop-staging"),
        .optional(
            "healthy-within", .text(.span), "How long containers may take to get healthy", example: "2m", standard: "1m"),
    ]

    fileprivate static func read(_ node: YAMLNode, of owner: String, reporting collector: DiagnosticCollector) -> ComposeTarget? {
        guard var fields = FieldReader(node, as: [keys], subject: "the compose target of \(owner)", reporting: collector) else {
            return nil
        }
        let file = FieldReader.relativePath(fields.requiredText("file"), reporting: collector)
        let text = fields.requiredText("project")
        let project: Located<Name<ComposeTarget>>? = text.flatMap {
            FieldReader.name($0, what: "compose project", reporting: collector)
        }
        let within = fields.span("healthy-within") ?? .seconds(60)
        fields.finish()
        guard let file, let project else { return nil }
        return ComposeTarget(file: file, project: project.value.text, healthyWithin: within)
    }
}

extension HelmTarget {
    static let keys: [KeyForm] = [
        .required(
            "chart", .text(.path), "The chart's folder, relative to the repository's root", example: "charts/app"),
        .optional(
            "values", .list(of: .text(.path)),
            "Files of values, relative to the repository's root; a later one wins over those before",
            example: "[charts/app/environments/staging.yaml]"),
        .required("release", .text(.label(atMost: longestRelease)), "The helm release's name", example: "shop"),
        .required(
            "namespace", .text(.label(atMost: longestNamespace)), "The namespace, which must be there", example: "shop-staging"),
        .required(
            "clusters", .list(of: .mapping(Cluster.keys), isFilled: true),
            "Where it runs: one after the other, the next only once the one before is proven",
            example: "[{context: staging, server: https://staging.example.org:6443}]"),
        .optional(
            "healthy-within", .text(.span), "How long a rollout may take on one cluster", example: "10m", standard: "5m"),
        .optional(
            "wait", .choice(HelmWait.self), "How helm finds out that a rollout is done; legacy is helm 3's way also with helm 4",
            example: "legacy", standard: "standard"),
    ]
    private static let longestRelease = 53
    private static let longestNamespace = 63

    fileprivate static func read(_ node: YAMLNode, of owner: String, reporting collector: DiagnosticCollector) -> HelmTarget? {
        let subject = "the helm target of \(owner)"
        guard var fields = FieldReader(node, as: [keys], subject: subject, reporting: collector) else { return nil }
        let chart = FieldReader.relativePath(fields.requiredText("chart"), reporting: collector)
        let files = fields.texts("values").compactMap { FieldReader.relativePath($0, reporting: collector) }
        let release = name(
            fields.requiredText("release"), what: "helm release", atMost: longestRelease, reporting: collector)
        let namespace = name(
            fields.requiredText("namespace"), what: "namespace", atMost: longestNamespace, reporting: collector)
        if !fields.has("clusters") { fields.reportMissing("clusters") }
        let clusters = fields.list("clusters").compactMap { Cluster.read($0, of: subject, reporting: collector) }
        let within = fields.span("healthy-within") ?? .minutes(5)
        let wait: HelmWait = fields.choice("wait", of: "a way to wait") ?? .standard
        fields.finish()
        guard let chart, let release, let namespace, !clusters.isEmpty else { return nil }
        return HelmTarget(
            chart: chart, valueFiles: files, release: release, namespace: namespace, clusters: clusters, healthyWithin: within,
            wait: wait)
    }

    /// A name as Kubernetes takes it (RFC 1123 label), and as long as helm lets it be.
    private static func name(
        _ text: Located<String>?, what: String, atMost limit: Int, reporting collector: DiagnosticCollector
    ) -> String? {
        guard let text else { return nil }
        let ends = [text.value.utf8.first, text.value.utf8.last]
        let isLabel = text.value.utf8.allSatisfy(isLabelByte) && !ends.contains(UInt8(ascii: "-")) && !ends.contains(nil)
        guard isLabel, text.value.utf8.count <= limit else {
            collector.report(
                .badValue, at: text.location, "'\(text.value)' cannot be the name of a \(what)", offending: text.value,
                remedy: "use 1 to \(limit) of a-z, 0-9 and '-', beginning and ending with a letter or digit")
            return nil
        }
        return text.value
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension Cluster {
    static let keys: [KeyForm] = [
        .required("context", .text(.any), "The context in the kubeconfig", example: "staging"),
        .required(
            "server", .text(.secureWeb), "The API server that the context must lead to",
            example: "https://staging.example.org:6443"),
    ]

    fileprivate static func read(_ node: YAMLNode, of owner: String, reporting collector: DiagnosticCollector) -> Cluster? {
        guard var fields = FieldReader(node, as: [keys], subject: "a cluster of \(owner)", reporting: collector) else {
            return nil
        }
        let context = fields.requiredText("context")
        let server = fields.requiredText("server")
        if let server, !server.value.hasPrefix("https://") {
            collector.report(
                .badValue, at: server.location, "'\(server.value)' is not the address of an API server", offending: server.value,
                remedy: "write what 'kubectl config view' shows as the cluster's server: https://…")
        }
        fields.finish()
        guard let context, let server else { return nil }
        return Cluster(context: context.value, server: server.value)
    }
}
