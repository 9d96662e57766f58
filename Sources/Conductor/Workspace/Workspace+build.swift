import Git
import Pipeline

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a build needs to know of its source.
struct CommitFacts: Sendable {
    /// The hash of the build context; nil when there is no such folder.
    var tree: String?
    /// The hash of the Dockerfile; nil when there is none.
    var dockerfile: String?
    /// The commit's own time, in the form of RFC 3339: the same for every build of it.
    var time: String
    /// Where the repository comes from, without a password.
    var remote: String?
}

extension Workspace {
    /// What `service` is built from at a source.
    func facts(of service: Service, at source: Source) async throws(GitError) -> CommitFacts {
        let id = try CommitID(source)
        let commit = try await repository.commit(id)
        let context = service.context == "." ? "" : service.context
        let time = Date(timeIntervalSince1970: TimeInterval(commit.time)).formatted(.iso8601)
        let remote = try await repository.remoteURL(named: "origin")
        guard let dirty = source.dirty else {
            let tree = try await repository.treeHash(at: id, path: context)
            return CommitFacts(
                tree: tree, dockerfile: try await repository.treeHash(at: id, path: service.dockerfile), time: time,
                remote: remote)
        }
        return CommitFacts(tree: dirty, dockerfile: dirty, time: time, remote: remote)
    }

    /// Hands `body` a folder to build in: the commit's tree exactly as committed, or the work tree where the user allowed that.
    func withContext<Answer: Sendable>(
        of source: Source, _ body: (_ folder: String) async throws(StageFailure) -> Answer
    ) async throws(StageFailure) -> Answer {
        guard source.dirty == nil else { return try await body(root) }
        let folder = try ScratchFolder("context")
        defer { folder.remove() }
        do throws(GitError) {
            try await repository.export(try CommitID(source), to: folder.path)
        } catch {
            throw StageFailure("export-failed", error.description, remedy: "Make room on the disk, or set TMPDIR to another.")
        }
        return try await body(folder.path)
    }
}
