import Pipeline
import Processes

/// One release of helm's on one cluster: what is recorded there, and how it is put in order.
struct HelmRelease: Sendable {
    let target: HelmTarget
    let access: ClusterAccess

    /// The newest revision, and the release that it carries.
    struct Newest: Sendable {
        /// Helm's number.
        var revision: Int
        /// `deployed`, `failed`, `pending-upgrade` and so on (helm's `release/status.go`).
        var status: String
        /// Nil when it was not shipit that made it.
        var release: Release?
        var lastGood: Release?

        /// Whether some helm is at work on it, or was ended in the middle of that.
        var isPending: Bool { status.hasPrefix("pending-") }
    }

    /// The newest revision; nil when there is none.
    func newest() async throws(StageFailure) -> Newest? {
        struct Row: Decodable {
            var revision: String
            var status: String
        }
        struct Values: Decodable {
            struct Record: Decodable {
                var release: String?
                var lastGood: String?
            }
            var shipit: Record?
        }
        // In all its states: helm 3 leaves some out unless each is named, and helm 4 knows no `--all`.
        let states = ["deployed", "failed", "pending", "superseded", "uninstalled", "uninstalling"].map { "--\($0)" }
        let rows = try await access.read(
            [Row].self, from: access.helm(["list", "--filter", "^\(target.release)$", "--output", "json"] + states))
        guard let row = rows.first, let number = Int(row.revision), row.status != "uninstalled" else { return nil }
        // Null where there are none. They may hold secrets, and only the record is kept of them.
        let values = try await access.read(
            Values?.self,
            from: access.helm(["get", "values", target.release, "--revision", row.revision, "--output", "json"]))
        return Newest(
            revision: number, status: row.status, release: values?.shipit?.release.flatMap(Release.init(record:)),
            lastGood: values?.shipit?.lastGood.flatMap(Release.init(record:)))
    }

    /// The newest revision that helm holds for deployed; nil when none is.
    func deployed() async throws(StageFailure) -> Int? {
        struct Row: Decodable {
            var revision: Int
            var status: String
        }
        let history = access.helm(["history", target.release, "--max", "256", "--output", "json"])
        return try await access.read([Row].self, from: history).last { $0.status == "deployed" }?.revision
    }

    /// What the newest revision is made of, as YAML; empty when there is none.
    func manifest() async throws(StageFailure) -> String {
        let get = access.helm(["get", "manifest", target.release])
        let asked = try await access.ask(get)
        guard !asked.outcome.succeeded else { return asked.text }
        let words = ClusterRefusal.words(of: asked.errorText)
        guard words.contains("release: not found") else {
            throw access.failure("'\(get.description)' ended with \(asked.outcome.termination.words)", asked.errorText)
        }
        return ""
    }

    /// Puts an older revision in the newest one's place; the cluster goes on from there by itself.
    func rollBack(to revision: Int) async throws(StageFailure) {
        let rollback = access.helm(
            ["rollback", target.release, String(revision), "--history-max", "30"] + (try await insisting()))
        let asked = try await access.work.captured(rollback, past: Work.tidying)
        guard asked.outcome.succeeded else {
            throw access.failure("helm rollback ended with \(asked.outcome.termination.words)", asked.errorText)
        }
    }

    /// The options with which helm makes a field what the release says although somebody else has changed it by hand.
    ///
    /// helm 3 does so by itself and knows none. helm 4 ends in the middle of the upgrade with "Apply failed with 1 conflict" otherwise, and
    /// takes the second option only with the first where helm 3 brought the release before.
    func insisting() async throws(StageFailure) -> [String] {
        let asked = try await access.ask(access.helm(["version", "--template", "{{.Version}}"]))
        guard asked.outcome.succeeded else {
            throw access.failure("'helm version' ended with \(asked.outcome.termination.words)", asked.errorText)
        }
        return asked.text.hasPrefix("v3.") ? [] : ["--server-side=true", "--force-conflicts"]
    }

    /// Settles what a helm of ours that was killed has left pending: nobody else can be at work, since the environment is leased.
    ///
    /// - Parameter found: the newest revision.
    /// - Returns: the newest revision after that.
    @discardableResult
    func settled(_ found: Newest?) async throws(StageFailure) -> Newest? {
        guard let found else { return nil }
        guard let release = found.release else {
            throw StageFailure(
                "foreign-release",
                "Revision \(found.revision) of \(target.release) on \(access.cluster.context), which is \(found.status), was not made by shipit. Nothing was touched.",
                remedy:
                    "Take it back to a revision of shipit's with 'helm rollback \(target.release) REVISION --namespace \(target.namespace)', or give shipit's release a name of its own."
            )
        }
        guard found.isPending else { return found }
        await access.work.log.say(
            "revision \(found.revision) on \(access.cluster.context) was left \(found.status) by release \(release.id)")
        if let revision = try await deployed() {
            try await rollBack(to: revision)
        } else {
            // A first install, from which helm knows no way back. Its record goes; what it made is taken over by the next install.
            let secret = "sh.helm.release.v1.\(target.release).v\(found.revision)"
            let delete = access.kubectl(["delete", "secret", secret])
            let asked = try await access.work.captured(delete, past: Work.tidying)
            guard asked.outcome.succeeded else {
                throw access.failure("'\(delete.description)' ended with \(asked.outcome.termination.words)", asked.errorText)
            }
        }
        return try await newest()
    }
}
