import CGit2

extension Repository {
    /// Whether a commit is an ancestor of another, or the same.
    ///
    /// Where the history was cut off the answer is never a wrong `no`: what cannot be seen is ``Ancestry/unknown``.
    public func isAncestor(_ ancestor: CommitID, of descendant: CommitID) throws(GitError) -> Ancestry {
        do throws(Refusal) {
            for id in [ancestor, descendant] { _ = try lookUp(id) }
            if ancestor == descendant { return .yes }
            // The library knows nothing of cut-off histories in this version and gives up on the first missing parent.
            if isShallow { return ancestryByHand(ancestor, of: descendant) }
            var younger = descendant.oid
            var older = ancestor.oid
            let answer = unsafe git_graph_descendant_of(handle.pointer, &younger, &older)
            try Refusal.check(answer)
            return answer == 1 ? .yes : .no
        } catch {
            if error.isCode(GIT_ENOTFOUND) { return .unknown }
            throw failure("compare \(ancestor) and \(descendant)", error)
        }
    }

    /// Looks at every commit that is here; what is left of a shallow clone is small.
    private func ancestryByHand(_ ancestor: CommitID, of descendant: CommitID) -> Ancestry {
        var seen: Set<CommitID> = [descendant]
        var open = [descendant]
        var isComplete = true
        while let id = open.popLast() {
            if id == ancestor { return .yes }
            guard let commit = try? lookUp(id) else {
                isComplete = false
                continue
            }
            for index in 0..<(unsafe git_commit_parentcount(commit.pointer)) {
                guard let parent = unsafe git_commit_parent_id(commit.pointer, index) else { continue }
                let parentID = CommitID(unsafe parent.pointee)
                if seen.insert(parentID).inserted { open.append(parentID) }
            }
        }
        return isComplete ? .no : .unknown
    }

    /// What `to` has and `from` has not, newest first and children before parents; at most `limit`.
    ///
    /// Without `from`: everything that led to `to`.
    public func commits(from: CommitID?, to: CommitID, limit: Int) throws(GitError) -> [Commit] {
        do throws(Refusal) {
            let walk = try unsafe Owned(freedBy: git_revwalk_free) { unsafe git_revwalk_new($0, handle.pointer) }
            try Refusal.check(unsafe git_revwalk_sorting(walk.pointer, GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_TIME.rawValue))
            var start = to.oid
            try Refusal.check(unsafe git_revwalk_push(walk.pointer, &start))
            if let from {
                var hidden = from.oid
                try Refusal.check(unsafe git_revwalk_hide(walk.pointer, &hidden))
            }
            var commits: [Commit] = []
            var next = git_oid()
            while commits.count < limit {
                let code = unsafe git_revwalk_next(&next, walk.pointer)
                if code == GIT_ITEROVER.rawValue { break }
                try Refusal.check(code)
                commits.append(try read(CommitID(next)))
            }
            return commits
        } catch {
            let range = from.map { "\($0)..\(to)" } ?? "\(to)"
            guard isShallow else { throw failure("list the commits \(range)", error) }
            throw GitError(
                .incompleteHistory,
                "Cannot list the commits \(range) in \(root): the clone is shallow and its history ends too early. git fetch --unshallow."
            )
        }
    }
}
