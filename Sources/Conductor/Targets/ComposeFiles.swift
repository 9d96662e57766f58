import Hashing
import Pipeline

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The compose file of a release as it was recorded, and ours beside it that adds labels or, for a candidate, takes ports away.
struct ComposeFiles: Sendable {
    private let folder: ScratchFolder
    private let hasOverride: Bool

    /// Writes the files.
    ///
    /// Without `services` only the release's own file is written.
    init(release: Release, lastGood: Release?, services: [String], isCandidate: Bool) throws(StageFailure) {
        folder = try ScratchFolder("compose")
        hasOverride = !services.isEmpty
        do {
            try PrivateFile.write(release.manifest.utf8, to: "\(folder.path)/compose.yaml")
            guard hasOverride else { return }
            let override = isCandidate ? Self.candidate(services) : Self.labels(services, release, lastGood)
            try PrivateFile.write(override.utf8, to: "\(folder.path)/shipit.yaml")
        } catch {
            folder.remove()
            throw StageFailure("scratch-failed", "The compose files could not be written: \(error).")
        }
    }

    /// The options that name the files.
    var arguments: [String] {
        ["--file", "\(folder.path)/compose.yaml"] + (hasOverride ? ["--file", "\(folder.path)/shipit.yaml"] : [])
    }

    /// Removes the files.
    func remove() { folder.remove() }

    /// A candidate owns no port and no fixed name (compose specification, "Merge and override": `!reset`).
    private static func candidate(_ services: [String]) -> String {
        "services:\n"
            + services.map { "  \(quoted($0)):\n    ports: !reset []\n    container_name: !reset null\n    restart: \"no\"\n" }
            .joined()
    }

    /// The release record on every container.
    private static func labels(_ services: [String], _ release: Release, _ lastGood: Release?) -> String {
        var labels = [
            "sh.shipit.environment": release.change.environment.text, "sh.shipit.run": release.id,
            "sh.shipit.commit": release.source.commit,
            "sh.shipit.change": release.change.sum.hex, ComposeDriver.Label.release: release.record,
        ]
        if let lastGood { labels[ComposeDriver.Label.lastGood] = lastGood.record }
        let lines = labels.sorted { $0.key < $1.key }.map { "      \(quoted($0.key)): \(quoted($0.value))\n" }.joined()
        return "services:\n" + services.map { "  \(quoted($0)):\n    labels:\n\(lines)" }.joined()
    }

    /// A YAML double-quoted text; names and base 64 need no escape, and what does is refused by compose's own check of names.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
