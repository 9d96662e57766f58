import Pipeline
import Processes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A release as it would be given to a cluster, and what that would change there.
///
/// Nothing is touched.
struct HelmRendering: Sendable {
    private let access: ClusterAccess
    private let install: [String]

    /// - Parameter install: the words of the helm command that would bring it.
    init(_ access: ClusterAccess, _ install: [String]) {
        self.access = access
        self.install = install
    }

    /// What the cluster says to it.
    enum Answer: Sendable {
        /// It would take it, and this is what would be another then: a unified diff, empty for nothing, Secrets masked.
        case taken(String)
        /// It would not, in the words of helm or of the API server.
        case refused(String)

        /// The words of a refusal.
        var refusal: String? { if case .refused(let words) = self { words } else { nil } }
    }

    /// Asks the API server to apply it for show, which checks rights, kinds and forms as the real thing does.
    func difference() async throws(StageFailure) -> Answer {
        struct Rendered: Decodable { var manifest: String }
        let rendered = try await access.ask(access.helm(install + ["--dry-run=server", "--output", "json"]))
        guard rendered.outcome.succeeded else { return .refused(rendered.errorText) }
        guard let manifest = try? JSONDecoder().decode(Rendered.self, from: Data(rendered.standardOutput)).manifest else {
            throw StageFailure("helm-unexpected", "'helm upgrade --dry-run' printed what cannot be read.")
        }
        let asked = try await access.ask(
            access.kubectl(
                ["diff", "--server-side", "--force-conflicts", "--field-manager=helm", "--concurrency=8", "--filename=-"],
                input: Array(manifest.utf8)))
        // 1 is for a difference (kubectl's help).
        guard asked.outcome.succeeded || asked.outcome.termination == .exited(1) else { return .refused(asked.errorText) }
        return .taken(access.work.tools.vault.redact(asked.text))
    }
}
