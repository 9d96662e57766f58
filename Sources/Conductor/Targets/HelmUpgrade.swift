import Executors
import Pipeline
import Processes

/// Makes one cluster run a release, or leaves what ran before.
struct HelmUpgrade: Sendable {
    let helm: HelmRelease
    let release: Release
    /// The chart's folder.
    let chart: String
    /// Files of values, a later one over those before.
    let files: [String]

    private var access: ClusterAccess { helm.access }
    private var work: Work { helm.access.work }
    private var place: String { helm.access.cluster.context }

    /// Does it.
    ///
    /// - Parameter found: the newest revision there, as it was seen just now.
    func perform(over found: HelmRelease.Newest?) async throws(StageFailure) {
        // Where a release is, a namespace is.
        if found == nil, let obstacle = try await access.obstacle() { throw obstacle }
        let before = try await helm.settled(found)
        if let before, before.release == release, before.status == "deployed" {
            await work.log.say("\(place) runs release \(release.id) already")
            return
        }
        let good = before == nil || before?.status == "deployed" ? before?.revision : try await helm.deployed()
        try await rehearse(isFirst: before == nil)
        do throws(StageFailure) {
            try await rollOut()
            try await test()
        } catch {
            throw await uncancelled { await restored(to: good, from: before?.revision, instead: error) }.value
        }
    }

    /// What would be another on the cluster.
    func difference() async throws(StageFailure) -> TargetDifference {
        if let obstacle = try await access.obstacle() { throw obstacle }
        return access.difference(try await Rehearsal.of(install, after: try await helm.manifest(), on: access))
    }

    private var install: [String] {
        ["upgrade", helm.target.release, chart, "--install", "--history-max", "30"] + files.flatMap { ["--values", $0] }
    }

    /// Proves that the cluster takes it, before anything is touched: rights, kinds and forms are checked by the API server itself.
    ///
    /// It may not take what it once ran either: an upgrade of the cluster may have taken an API away.
    private func rehearse(isFirst: Bool) async throws(StageFailure) {
        let words: String
        switch try await Rehearsal.of(install, on: access) {
        case .taken(let objects):
            let names = objects.map { "\($0.fate.rawValue) \($0.name)" }.joined(separator: ", ")
            await work.log.say("on \(place) this changes: \(names.isEmpty ? "nothing" : names)")
            return
        case .refused(let told): words = told
        }
        // What a first install brings itself, and what answers no rehearsal, says nothing against it.
        if isFirst && words.contains("no matches for kind") || words.contains("does not support dry run") {
            await work.log.say("\(place) could not rehearse release \(release.id): \(words)")
            return
        }
        throw StageFailure(
            adding: "Nothing was touched.",
            to: access.failure("\(place) does not take release \(release.id)", words, code: "release-refused"),
            remedy: release.restores == nil
                ? "Correct the chart or its values, and commit."
                : "Roll back to another release, or fix forward with a new commit.")
    }

    private func rollOut() async throws(StageFailure) {
        await work.log.say("rolling out release \(release.id) on \(place)")
        let watch = await RolloutWatch(access, helm.target, images: Set(release.change.images.values))
        let command = access.helm(
            install + (try await helm.insisting()) + [
                helm.target.wait == .legacy ? "--wait=legacy" : "--wait", "--timeout", patience, "--labels",
                "shipit-run=\(release.id)", "--description", "shipit \(release.id) \(release.source.commit)",
            ])
        let (ended, hopeless) = try await run(command, watchedBy: watch)
        guard !ended.outcome.succeeded else { return }
        let words = work.tools.vault.redact(ClusterRefusal.words(of: ended.errorText))
        guard hopeless != nil || ClusterRefusal(words) == .late else {
            throw access.failure(
                "helm could not roll out release \(release.id) on \(place)", ended.errorText, code: "rollout-failed")
        }
        let report = await uncancelled {
            let now = await watch.look()
            return await watch.report(hopeless ?? now ?? [])
        }.value
        throw StageFailure(
            "rollout-failed",
            hopeless == nil
                ? "Release \(release.id) did not get healthy on \(place) within \(patience):"
                : "Release \(release.id) cannot get healthy on \(place), and was not waited for any longer:",
            telling: report.isEmpty ? words : report, in: work)
    }

    /// Asks the release from inside, by the chart's own tests.
    private func test() async throws(StageFailure) {
        let asked = try await work.captured(
            access.helm(["test", helm.target.release, "--logs", "--timeout", patience]))
        guard !asked.outcome.succeeded else {
            await work.log.say("the chart's tests passed on \(place)")
            return
        }
        let words = ClusterRefusal.words(of: asked.errorText)
        guard ClusterRefusal(words) != .passing else {
            throw access.failure("The tests of release \(release.id) could not be run on \(place)", asked.errorText)
        }
        // Before them helm describes the release.
        let logs = asked.text.split(separator: "\n").drop { !$0.hasPrefix("POD LOGS") }.suffix(20)
        let report = ([words] + logs.map { "  │ \($0)" }).joined(separator: "\n")
        throw StageFailure(
            "test-failed", "The tests of release \(release.id) failed on \(place):", telling: work.tools.vault.redact(report),
            in: work)
    }

    /// How long helm may wait: less than the attempt has, so that what failed is put right in time.
    private var patience: String {
        let left = work.end == .max ? Int64.max : (work.end - work.tools.world.uptime()) / 4 * 3
        return "\(max(1, min(helm.target.healthyWithin.milliseconds, left) / 1000))s"
    }

    /// Runs helm, and ends it when the cluster shows that waiting cannot help.
    private func run(
        _ command: Command, watchedBy watch: RolloutWatch
    ) async throws(StageFailure) -> (ended: Captured, hopeless: [Rollout.Complaint]?) {
        let upgrade = Task { () async -> Result<Captured, StageFailure> in
            do throws(StageFailure) { return .success(try await work.captured(command)) } catch { return .failure(error) }
        }
        let looking = Task { () async -> [Rollout.Complaint]? in
            guard let hopeless = await watch.untilHopeless() else { return nil }
            upgrade.cancel()
            return hopeless
        }
        let ended = await withTaskCancellationHandler {
            await upgrade.value
        } onCancel: {
            upgrade.cancel()
        }
        looking.cancel()
        let hopeless = await looking.value
        return (try ended.get(), hopeless)
    }

    /// What ran before runs again.
    ///
    /// - Returns: the failure, with what became of that.
    private func restored(to good: Int?, from before: Int?, instead failure: StageFailure) async -> StageFailure {
        var told = failure.failure
        do throws(StageFailure) {
            if try await helm.newest()?.revision == before {
                told.message += "\nNothing was touched."
            } else if let good {
                try await helm.rollBack(to: good)
                told.message += "\n\(place) was taken back to revision \(good)."
            } else {
                told.message += "\nNothing ran there before: what it made is left to be looked at."
            }
        } catch {
            told.message += "\nTaking \(place) back failed as well: \(error.failure.message)"
            told.remedy = "Look at 'helm history \(helm.target.release) --namespace \(helm.target.namespace)' now."
        }
        return StageFailure(told)
    }
}

extension StageFailure {
    fileprivate init(_ code: String, _ message: String, telling words: String, in work: Work) {
        self.init(code, "\(message)\n\(words)", remedy: "See 'shipit logs \(work.run) \(work.stage)'.")
    }

    /// The same failure with a word more, and a way out where it has none.
    fileprivate init(adding words: String, to failure: StageFailure, remedy: String) {
        var told = failure.failure
        told.message += "\n\(words)"
        told.remedy = told.remedy ?? remedy
        self.init(told)
    }
}
