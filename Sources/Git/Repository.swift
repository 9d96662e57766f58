import CGit2
import Executors

/// A git repository with a work tree, read through libgit2.
///
/// An actor with a thread of its own: the library blocks on files and wants one caller at a time for each repository. Nothing here
/// changes the repository. The user's configuration counts as it does for `git status` (ignored files, `safe.directory`) and for
/// nothing else: content is read and written as committed, without filters or line-ending conversion.
public actor Repository {
    /// The absolute path of the work tree, without a slash at its end.
    public nonisolated let root: String

    let handle: Owned
    private nonisolated let executor = ActorQueue(label: "git")

    /// Runs everything on the repository's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private init(root: String, handle: consuming Owned) {
        self.root = root
        self.handle = handle
    }

    /// Opens the repository that a folder or one of its parents belongs to.
    public static func discover(from path: String) throws(GitError) -> Repository {
        let handle = try open(path)
        guard let folder = unsafe git_repository_workdir(handle.pointer) else {
            throw GitError(.bare, "\(path) is in a bare repository. shipit needs a work tree: run it in a clone.")
        }
        let root = unsafe String(cString: folder)
        return Repository(root: root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root, handle: handle)
    }

    private static func open(_ path: String) throws(GitError) -> Owned {
        do throws(Refusal) {
            return try unsafe Owned(freedBy: git_repository_free) { unsafe git_repository_open_ext($0, path, 0, nil) }
        } catch { throw refused(path, error) }
    }

    private static func refused(_ path: String, _ refusal: Refusal) -> GitError {
        guard refusal.isCode(GIT_ENOTFOUND) || refusal.isCode(GIT_EOWNER) else {
            return GitError(.library, "Cannot open the repository of \(path): \(refusal.message).")
        }
        guard let folder = folder(of: path) else {
            return GitError(.noRepository, "\(path) is not in a git repository. Change to one, or make one: git init.")
        }
        // Where the user's configuration lists no safe directories at all, this version says "not found" of a stranger's repository.
        return GitError(
            .foreignOwner,
            "The repository \(folder) belongs to another user or cannot be read, so git does not trust its configuration. "
                + "If you do: git config --global --add safe.directory \(folder)")
    }

    /// The folder with the `.git` that a path belongs to, whoever owns it.
    private static func folder(of path: String) -> String? {
        var found = unsafe git_buf()
        defer { unsafe git_buf_dispose(&found) }
        guard unsafe git_repository_discover(&found, path, 0, nil) == 0, let text = unsafe found.ptr else { return nil }
        let folder = unsafe String(cString: text)
        return folder.hasSuffix("/.git/") ? String(folder.dropLast("/.git/".count)) : folder
    }

    /// Whether the history here was cut off, as `git clone --depth` does.
    public var isShallow: Bool { unsafe git_repository_is_shallow(handle.pointer) == 1 }

    /// The commit the work tree started from, and the branch.
    public var head: Head {
        get throws(GitError) {
            do throws(Refusal) {
                let reference = try unsafe Owned(freedBy: git_reference_free) { unsafe git_repository_head($0, handle.pointer) }
                guard let target = unsafe git_reference_target(reference.pointer) else {
                    throw Refusal(code: GIT_ENOTFOUND.rawValue, message: "HEAD points at nothing")
                }
                let isDetached = unsafe git_repository_head_detached(handle.pointer) == 1
                let name = unsafe String(cString: git_reference_shorthand(reference.pointer))
                return Head(commit: CommitID(unsafe target.pointee), branch: isDetached ? nil : name)
            } catch {
                if error.isCode(GIT_EUNBORNBRANCH) {
                    throw GitError(
                        .noCommitYet, "\(root) has no commit yet, and only commits can be deployed. Make one: git commit.")
                }
                throw failure("read HEAD", error)
            }
        }
    }

    /// The commit that a full or abbreviated SHA, a branch, a tag or an expression like `HEAD~1` means.
    public func resolve(_ revision: String) throws(GitError) -> CommitID {
        do throws(Refusal) {
            let object = try unsafe Owned(freedBy: git_object_free) { unsafe git_revparse_single($0, handle.pointer, revision) }
            let commit = try unsafe Owned(freedBy: git_object_free) {
                unsafe git_object_peel($0, object.pointer, GIT_OBJECT_COMMIT)
            }
            guard let oid = unsafe git_object_id(commit.pointer) else {
                throw Refusal(code: GIT_ENOTFOUND.rawValue, message: "it has no name")
            }
            return CommitID(unsafe oid.pointee)
        } catch {
            switch error.code {
            case GIT_EAMBIGUOUS.rawValue:
                throw GitError(
                    .ambiguousRevision, "\"\(revision)\" is the beginning of several objects' names. Give more digits.")
            case GIT_ENOTFOUND.rawValue, GIT_EINVALIDSPEC.rawValue, GIT_EPEEL.rawValue:
                let remedy =
                    isShallow
                    ? "The clone is shallow: git fetch --unshallow." : "Check the spelling, or fetch it: git fetch --tags."
                throw GitError(.unknownRevision, "\"\(revision)\" is no commit, branch or tag in \(root). \(remedy)")
            default:
                throw failure("resolve \"\(revision)\"", error)
            }
        }
    }

    /// What a commit says about itself.
    public func commit(_ id: CommitID) throws(GitError) -> Commit {
        try inOurWords("read commit \(id)") { () throws(Refusal) in try read(id) }
    }

    /// The address of a remote without password, token or any user name that could be one; `nil` if there is no such remote.
    ///
    /// As it is configured: a user's `insteadOf` says how that user gets there, not where it is.
    public func remoteURL(named name: String) throws(GitError) -> String? {
        do throws(Refusal) {
            let config = try unsafe Owned(freedBy: git_config_free) { unsafe git_repository_config_snapshot($0, handle.pointer) }
            var address: UnsafePointer<CChar>?
            try Refusal.check(unsafe git_config_get_string(&address, config.pointer, "remote.\(name).url"))
            return unsafe address.map { unsafe withoutCredentials(String(cString: $0)) }
        } catch {
            if error.isCode(GIT_ENOTFOUND) || error.isCode(GIT_EINVALIDSPEC) { return nil }
            throw failure("read the remote \(name)", error)
        }
    }

    /// The branch that a symbolic reference such as `HEAD` or `refs/remotes/origin/HEAD` means, without what comes before its name; `nil`
    /// when there is none, or no such reference.
    ///
    /// It need not have a commit yet.
    public func branch(of reference: String) throws(GitError) -> String? {
        do throws(Refusal) {
            let found = try unsafe Owned(freedBy: git_reference_free) {
                unsafe git_reference_lookup($0, handle.pointer, reference)
            }
            guard let target = unsafe git_reference_symbolic_target(found.pointer) else { return nil }
            let name = unsafe String(cString: target)
            for start in ["refs/heads/", "refs/remotes/origin/"] where name.hasPrefix(start) {
                return String(name.dropFirst(start.count))
            }
            return nil
        } catch {
            if error.isCode(GIT_ENOTFOUND) || error.isCode(GIT_EINVALIDSPEC) { return nil }
            throw failure("read \(reference)", error)
        }
    }

    /// A commit that the library already has in its hands, or none.
    func lookUp(_ id: CommitID) throws(Refusal) -> Owned {
        var oid = id.oid
        return try unsafe Owned(freedBy: git_commit_free) { unsafe git_commit_lookup($0, handle.pointer, &oid) }
    }

    func read(_ id: CommitID) throws(Refusal) -> Commit {
        let commit = try lookUp(id)
        let author = unsafe git_commit_author(commit.pointer)
        func text(_ pointer: UnsafePointer<CChar>?) -> String { unsafe pointer.map { unsafe String(cString: $0) } ?? "" }
        return Commit(
            id: id, tree: unsafe git_commit_tree_id(commit.pointer)?.pointee.hex ?? "",
            authorName: unsafe text(author?.pointee.name), time: unsafe git_commit_time(commit.pointer),
            subject: unsafe text(git_commit_summary(commit.pointer)))
    }

    /// Runs something on the library; what it refuses is said in our words.
    func inOurWords<Value: ~Copyable>(_ attempt: String, _ body: () throws(Refusal) -> Value) throws(GitError) -> Value {
        do throws(Refusal) { return try body() } catch { throw failure(attempt, error) }
    }

    /// What the library refused, in our words.
    func failure(_ attempt: String, _ refusal: Refusal) -> GitError {
        guard refusal.isCode(GIT_ENOTFOUND) else {
            return GitError(.library, "Cannot \(attempt) in \(root): \(refusal.message).")
        }
        let remedy = isShallow ? "The clone is shallow: git fetch --unshallow." : "Fetch it: git fetch --all --tags."
        return GitError(.missingObject, "Cannot \(attempt) in \(root): \(refusal.message). \(remedy)")
    }
}
