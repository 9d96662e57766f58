import Git
import Pipeline

extension Workspace {
    /// The commits that `newer` has and `older` has not, newest first, at most `limit`.
    func commits(after older: String, upTo newer: String, limit: Int) async throws(GitError) -> [CommitLine] {
        try await repository.commits(from: try CommitID(older), to: try CommitID(newer), limit: limit).map(CommitLine.init)
    }

    /// When the commit of a source was made, in milliseconds since 1970; nil where uncommitted changes were taken along.
    func time(of source: Source) async throws(GitError) -> Int64? {
        guard source.dirty == nil else { return nil }
        return try await repository.commit(try CommitID(source)).time * 1000
    }
}

extension CommitLine {
    /// A line of people's making is of any length.
    private static let longest = 200

    fileprivate init(_ commit: Commit) {
        self.init(
            commit: commit.id.hex, subject: String(commit.subject.prefix(Self.longest)),
            author: String(commit.authorName.prefix(Self.longest)), committed: commit.time * 1000)
    }
}
