import Pipeline
import Processes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a cluster says to objects that it would be given; nothing is touched.
enum Rehearsal: Sendable {
    /// It would take them, and these would be another then.
    case taken([TargetDifference.Object])
    /// It would not, in the words of helm or of the API server.
    case refused(String)

    /// Asks the API server to apply what a helm command would, which checks rights, kinds and forms as the real thing does.
    ///
    /// - Parameters:
    ///   - install: the words of the command.
    ///   - former: what runs; what of it is no part of the new is told as well.
    static func of(
        _ install: [String], after former: String = "", on access: ClusterAccess
    ) async throws(StageFailure) -> Rehearsal {
        struct Rendered: Decodable { var manifest: String }
        let rendered = try await access.ask(access.helm(install + ["--dry-run=server", "--output", "json"]))
        guard rendered.outcome.succeeded else { return .refused(rendered.errorText) }
        guard let manifest = try? JSONDecoder().decode(Rendered.self, from: Data(rendered.standardOutput)).manifest else {
            throw StageFailure("helm-unexpected", "'helm upgrade --dry-run' printed what cannot be read.")
        }
        let answer = try await of(manifest: manifest, on: access)
        guard !former.isEmpty, case .taken(let objects) = answer else { return answer }
        // What is there of the former, and what would be: an object that is gone already is told by nobody.
        let there = try await names(in: former, by: ["get", "--ignore-not-found"], on: access)
        let wanted = Set(try await names(in: manifest, by: ["create", "--dry-run=client", "--validate=false"], on: access))
        let removed = there.filter { !wanted.contains($0) }
        return .taken(objects + removed.map { TargetDifference.Object(name: $0, fate: .removed, lines: []) })
    }

    /// The names of objects, as kubectl says them.
    private static func names(
        in manifest: String, by words: [String], on access: ClusterAccess
    ) async throws(StageFailure) -> [String] {
        let asked = try await access.ask(
            access.kubectl(words + ["--filename=-", "--output=name"], input: Array(manifest.utf8)))
        guard asked.outcome.succeeded else {
            throw access.failure("'kubectl \(words[0])' ended with \(asked.outcome.termination.words)", asked.errorText)
        }
        return asked.text.split(separator: "\n").map(String.init)
    }

    /// Asks the API server to apply objects.
    static func of(manifest: String, on access: ClusterAccess) async throws(StageFailure) -> Rehearsal {
        let asked = try await access.ask(
            access.kubectl(
                ["diff", "--server-side", "--force-conflicts", "--field-manager=helm", "--concurrency=8", "--filename=-"],
                input: Array(manifest.utf8)))
        // 1 is for a difference (kubectl's help).
        guard asked.outcome.succeeded || asked.outcome.termination == .exited(1) else { return .refused(asked.errorText) }
        return .taken(KubectlDiff.objects(in: access.work.tools.vault.redact(asked.text)))
    }
}
