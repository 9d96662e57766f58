import Git
import Pipeline
import Registry

/// Moves `latest`, which is for people: only for commits of the release branch, and only forward.
///
/// Where it may not move, or the registry refuses it, it stays and the stage goes on. What passes fails the stage: of a stage that has
/// succeeded nobody would move it later.
struct LatestTag: Sendable {
    let work: Work
    let registry: RegistryAccess

    /// Moves `latest` to `image` when that is a step forward.
    ///
    /// - Throws: where nobody can be asked now, and where the task is cancelled.
    func move(to image: Image) async throws(StageFailure) {
        do throws(StageFailure) {
            var reason = try await reasonToLeave(image)
            if reason == nil {
                // Between our look and the move nobody else may have moved it further.
                reason = try await work.exclusively(in: image.name) { () async throws(StageFailure) in
                    if let reason = try await reasonToLeave(image) { return reason }
                    // Whoever slept since then may have lost the lease, which lasts as long as the attempt may.
                    guard work.tools.world.uptime() < work.end else {
                        throw StageFailure("late", "latest was not moved: the time of this attempt is over.", isPassing: true)
                    }
                    try await tag(image)
                    return nil
                }
            }
            await work.log.say(reason.map { "latest stays: \($0)" } ?? "latest moved to \(image.tag.prefix(12))")
        } catch {
            try error.throwIfItMayPass()
            await work.log.say("latest stays: \(error.failure.message)")
        }
    }

    private func tag(_ image: Image) async throws(StageFailure) {
        let name = try registry.imageName(image.name)
        let client = try await registry.client()
        do throws(RegistryError) {
            if let manifest = try await client.manifest(of: name, reference: .digest(try ImageDigest(image.digest))) {
                return try await client.tag(manifest, as: "latest", of: name)
            }
        } catch {
            throw StageFailure.registry(error)
        }
        throw StageFailure("image-gone", "\(image.reference) is not in the registry any more.")
    }

    /// Whether `latest` wants to be moved to `image`; false also where the registry refuses to say.
    ///
    /// - Throws: where nobody can be asked now, and where the task is cancelled.
    func isDue(for image: Image) async throws(StageFailure) -> Bool {
        do throws(StageFailure) {
            return try await reasonToLeave(image) == nil
        } catch {
            try error.throwIfItMayPass()
            return false
        }
    }

    /// Why `latest` must not move; nil when it may.
    private func reasonToLeave(_ image: Image) async throws(StageFailure) -> String? {
        let source = work.plan.source
        guard source.dirty == nil else { return "the work tree had uncommitted changes" }
        let current = try await currentRevision(of: image)
        do throws(GitError) {
            let repository = try work.tools.workspace.repository
            let commit = try CommitID(source)
            guard try await isOnReleaseBranch(commit, repository) else {
                return "the commit is not known to be on \(work.project.releaseBranch)"
            }
            guard let current else { return nil }
            guard let before = try? CommitID(current) else { return "what it points to does not say its revision" }
            if before == commit { return "it points to this commit already" }
            switch try await repository.isAncestor(before, of: commit) {
            case .yes: return nil
            case .no: return "it points to \(current.prefix(12)), which is not an ancestor of this commit"
            case .unknown: return "whether it would move forward is not known in this shallow clone"
            }
        } catch {
            throw StageFailure("git-failed", error.description)
        }
    }

    /// The revision of what `latest` points to: nil when there is no `latest`, empty when it does not say.
    private func currentRevision(of image: Image) async throws(StageFailure) -> String? {
        let name = try registry.imageName(image.name)
        let client = try await registry.client()
        do throws(RegistryError) {
            guard let manifest = try await client.manifest(of: name, reference: .tag("latest")) else { return nil }
            return try await client.describe(of: name, digest: manifest.digest).revision ?? ""
        } catch {
            throw StageFailure.registry(error)
        }
    }

    private func isOnReleaseBranch(_ commit: CommitID, _ repository: Repository) async throws(GitError) -> Bool {
        for branch in ["refs/heads/\(work.project.releaseBranch)", "refs/remotes/origin/\(work.project.releaseBranch)"] {
            guard let tip = try? await repository.resolve(branch) else { continue }
            if tip == commit { return true }
            if case .yes = try await repository.isAncestor(commit, of: tip) { return true }
        }
        return false
    }
}

extension StageFailure {
    fileprivate func throwIfItMayPass() throws(StageFailure) {
        if failure.isPassing || Task.isCancelled { throw self }
    }
}
