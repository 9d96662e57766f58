import CanonicalJSON
import Pipeline

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Runs releases as a helm release in a namespace, on one cluster after the other.
///
/// A release is given to helm with the chart and the values of its own commit, a rollback too: helm's own rollback copies the labels
/// of the old revision, heeds no other helm at work and needs a history that still has it. It is used for one thing, to take back at
/// once what has just failed.
struct HelmDriver: TargetDriver {
    let target: HelmTarget
    let work: Work

    func deploy(_ wanted: Release, lastGood good: Release?) async throws(StageFailure) -> Release {
        let found = try await newest()
        // An attempt before this one came so far; with its record as it was, what it has brought is not brought again.
        let before = record(of: found).flatMap { $0.release.isAgain(wanted) ? $0 : nil }
        let release = before?.release ?? wanted
        try await withUpgrades(to: release, recording: (release, before.map(\.lastGood) ?? good)) {
            upgrade throws(StageFailure) in
            // By the time of a later cluster somebody may have been there.
            let isFirst = upgrade.helm.access.cluster == target.clusters.first
            try await upgrade.perform(over: isFirst ? found[0] : try await upgrade.helm.newest())
        }
        return release
    }

    func record() async throws(StageFailure) -> TargetRecord? {
        record(of: try await newest())
    }

    func tidy() async {
        for cluster in target.clusters {
            // One that cannot be put in order keeps nobody from the next.
            _ = try? await on(cluster) { helm throws(StageFailure) in
                try await helm.settled(try await helm.newest())
            }
        }
    }

    func drift(from record: TargetRecord) async throws(StageFailure) -> [TargetDifference] {
        try await onEachCluster { helm throws(StageFailure) in
            helm.access.difference(try await Rehearsal.of(manifest: try await helm.manifest(), on: helm.access))
        }
    }

    func difference(to release: Release, from record: TargetRecord?) async throws(StageFailure) -> [TargetDifference] {
        // With the record that is there, so that only what runs is told.
        try await withUpgrades(to: release, recording: (record?.release ?? release, record?.lastGood)) {
            upgrade throws(StageFailure) in
            try await upgrade.difference()
        }
    }

    /// The newest revision on each cluster, in their order.
    private func newest() async throws(StageFailure) -> [HelmRelease.Newest?] {
        try await onEachCluster { helm throws(StageFailure) in try await helm.newest() }
    }

    private func record(of found: [HelmRelease.Newest?]) -> TargetRecord? {
        let records = found.compactMap { entry in entry?.release.map { (release: $0, lastGood: entry?.lastGood) } }
        guard let newest = records.max(by: { $0.release.at < $1.release.at }) else { return nil }
        let isWhole =
            records.count == target.clusters.count && records.allSatisfy { $0.release.id == newest.release.id }
            && found.allSatisfy { $0?.status == "deployed" }
        return TargetRecord(release: newest.release, lastGood: newest.lastGood, isWhole: isWhole)
    }

    /// What is written beside a release: the release itself, and the newest good one before it.
    private typealias Written = (release: Release, lastGood: Release?)

    /// Hands `body` what brings the release to each cluster, with the chart of the release's own commit.
    @discardableResult
    private func withUpgrades<Answer: Sendable>(
        to release: Release, recording written: Written, _ body: (HelmUpgrade) async throws(StageFailure) -> Answer
    ) async throws(StageFailure) -> [Answer] {
        let workspace = work.tools.workspace
        let manifest = try await workspace.manifest(of: .helm(target), at: release.source)
        guard manifest == release.manifest else {
            throw StageFailure(
                "manifest-changed", "The chart of commit \(release.source.commit.prefix(12)) is not the one that was planned.")
        }
        return try await workspace.withFiles([target.chart] + target.valueFiles, at: release.source) {
            folder throws(StageFailure) in
            let ours = try ScratchFolder("values")
            defer { ours.remove() }
            let file = "\(ours.path)/shipit.json"
            do {
                try PrivateFile.write(try await values(of: release, recording: written), to: file)
            } catch {
                throw error as? StageFailure ?? StageFailure("scratch-failed", "A file of values could not be written: \(error).")
            }
            return try await onEachCluster { helm throws(StageFailure) in
                try await body(
                    HelmUpgrade(
                        helm: helm, release: release, chart: "\(folder)/\(target.chart)",
                        files: target.valueFiles.map { "\(folder)/\($0)" } + [file]))
            }
        }
    }

    /// Calls `body` for one cluster after the other.
    private func onEachCluster<Answer: Sendable>(
        _ body: (HelmRelease) async throws(StageFailure) -> Answer
    ) async throws(StageFailure) -> [Answer] {
        var answers: [Answer] = []
        for cluster in target.clusters {
            answers.append(try await on(cluster, body))
        }
        return answers
    }

    private func on<Answer: Sendable>(
        _ cluster: Cluster, _ body: (HelmRelease) async throws(StageFailure) -> Answer
    ) async throws(StageFailure) -> Answer {
        try await ClusterAccess.with(cluster, namespace: target.namespace, work) { access throws(StageFailure) in
            try await body(HelmRelease(target: target, access: access))
        }
    }

    /// What the chart is given: the environment's values, the images by digest and the release's record.
    private func values(of release: Release, recording written: Written) async throws -> Data {
        var values = JSONValue.object([:])
        for (name, value) in release.change.values.sorted(by: { $0.key < $1.key }) {
            let text = try await work.tools.vault.resolve(value, for: "value \(name) of \(release.change.environment)")
            values.set(value.references.isEmpty ? JSONValue(plain: text) : .text(text), at: name.split(separator: "."))
        }
        for (service, reference) in release.change.images { values.set(.text(reference), at: ["images", service.text[...]]) }
        let record = [
            "environment": release.change.environment.text, "run": written.release.id,
            "commit": written.release.source.commit, "release": written.release.record, "lastGood": written.lastGood?.record,
        ]
        for (name, text) in record { if let text { values.set(.text(text), at: ["shipit", name[...]]) } }
        let encoder = JSONEncoder()
        // Helm reads YAML, which knows no escaped slash.
        encoder.outputFormatting = .withoutEscapingSlashes
        return try encoder.encode(values)
    }
}
