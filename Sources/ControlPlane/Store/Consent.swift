import HTTPTypes
import Journal
import Pipeline
import Records
import Serving

/// Whether what is said to be released in an environment is what somebody agreed to, where that is demanded.
///
/// Whoever may drive runs writes releases, and a later rollback trusts them: without this a token that leaks could name an image of its
/// own as the last good one of production. Those who may stop deploys are not asked, since they roll back.
struct Consent {
    let ledger: Ledger

    /// Throws why `release` may not follow on what `record` says of its environment.
    func check(_ release: Release, in record: EnvironmentRecord, by authority: Authority) async throws {
        // What runs says what is demanded, too: a forged Change would demand nothing.
        let policies = [record.state.current?.release.change.policy, release.change.policy]
        guard policies.contains(.required), !authority.mayHold else { return }
        if try await isApproved(release) { return }
        if try await isRollback(release, in: record) { return }
        throw Problem(
            .forbidden,
            """
            Releases of \(record.name) need an approval, and in run \(release.id) nobody approved this one. Let it be approved there; \
            where \(record.name) needs no approval any more, let somebody deploy it once who may hold it.
            """)
    }

    /// Whether the run has an approval of just this.
    private func isApproved(_ release: Release) async throws -> Bool {
        guard try await ledger.summary(of: release.id) != nil else { return false }
        let run = try await ledger.run(release.id).run
        return run.artifacts.values.contains { artifact in
            if case .approval(let approval) = artifact { approval.change.isReleased(as: release.change) } else { false }
        }
    }

    /// Whether it goes on with a rollback: that somebody began, who set the hold, to a good release of the environment.
    private func isRollback(_ release: Release, in record: EnvironmentRecord) async throws -> Bool {
        guard record.state.hold != nil, let restored = release.restores else { return false }
        let entry = try await ledger.release(of: record) { $0.isGood == true && $0.release.id == restored }
        return entry?.release.change.isReleased(as: release.change) == true
    }
}
