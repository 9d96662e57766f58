import CGit2
import Glibc

extension Repository {
    /// What differs from the last commit; empty means that a build here is a build of the commit.
    ///
    /// Ignored files and submodules do not count.
    public func changes() throws(GitError) -> [Change] {
        try inOurWords("compare the work tree with the last commit") { () throws(Refusal) in
            var changes: [Change] = []
            try forEachStatus(flags: [GIT_STATUS_OPT_INCLUDE_UNTRACKED, GIT_STATUS_OPT_EXCLUDE_SUBMODULES], paths: []) {
                path, status in
                var kinds: Set<Change.Kind> = []
                if status & GIT_STATUS_CONFLICTED.rawValue != 0 { kinds.insert(.conflicted) }
                if status & GIT_STATUS_WT_NEW.rawValue != 0 { kinds.insert(.untracked) }
                if status & Self.staged != 0 { kinds.insert(.staged) }
                if status & Self.modified != 0 { kinds.insert(.modified) }
                if !kinds.isEmpty { changes.append(Change(path: String(decoding: path, as: UTF8.self), kinds: kinds)) }
            }
            return changes
        }
    }

    /// The files of the work tree that git tracks or could: neither ignored nor in a submodule.
    ///
    /// Paths that are no UTF-8 are left out.
    public func files() throws(GitError) -> [String] {
        try inOurWords("list the work tree") { () throws(Refusal) in
            var files: [String] = []
            try forEachStatus(flags: Self.everything, paths: []) { path, status in
                guard status & (GIT_STATUS_WT_DELETED.rawValue | GIT_STATUS_INDEX_DELETED.rawValue) == 0,
                    path.last != UInt8(ascii: "/"),
                    let text = String(validating: path, as: UTF8.self)
                else { return }
                files.append(text)
            }
            return files
        }
    }

    /// Those of some paths that the rules of `.gitignore` and its kin leave out, whether tracked or not.
    ///
    /// Relative to the root; a folder's path ends with a slash.
    public func ignored(among paths: [String]) throws(GitError) -> Set<String> {
        try inOurWords("read the rules of ignored files") { () throws(Refusal) in
            var ignored: Set<String> = []
            for path in paths {
                var answer: Int32 = 0
                try Refusal.check(unsafe git_ignore_path_is_ignored(&answer, handle.pointer, path))
                if answer == 1 { ignored.insert(path) }
            }
            return ignored
        }
    }

    private static let everything = [
        GIT_STATUS_OPT_INCLUDE_UNTRACKED, GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS, GIT_STATUS_OPT_INCLUDE_UNMODIFIED,
        GIT_STATUS_OPT_EXCLUDE_SUBMODULES, GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH,
    ]

    /// A name for what the work tree really holds at and below some paths, for builds of uncommitted work.
    ///
    /// 40 hexadecimal digits over kind, path and content of every file that is tracked or could be, read as it lies on the disk:
    /// equal exactly when a build would see the same. Ignored files and submodules do not count; no paths means all.
    public func worktreeContentHash(of paths: [String] = []) throws(GitError) -> String {
        try inOurWords("hash the work tree") { () throws(Refusal) in
            var files: [[UInt8]] = []
            try forEachStatus(flags: Self.everything, paths: paths) { path, _ in files.append(path) }
            var manifest: [UInt8] = []
            for path in files.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                // A deleted file is no content; a folder here is another repository's.
                guard let line = try hashLine(path) else { continue }
                manifest += line
            }
            return try hash(manifest).hex
        }
    }

    private static let staged =
        GIT_STATUS_INDEX_NEW.rawValue | GIT_STATUS_INDEX_MODIFIED.rawValue | GIT_STATUS_INDEX_DELETED.rawValue
        | GIT_STATUS_INDEX_RENAMED.rawValue | GIT_STATUS_INDEX_TYPECHANGE.rawValue
    private static let modified =
        GIT_STATUS_WT_MODIFIED.rawValue | GIT_STATUS_WT_DELETED.rawValue | GIT_STATUS_WT_TYPECHANGE.rawValue
        | GIT_STATUS_WT_RENAMED.rawValue | GIT_STATUS_WT_UNREADABLE.rawValue

    private func forEachStatus(
        flags: [git_status_opt_t], paths: [String], _ visit: (_ path: [UInt8], _ status: UInt32) -> Void
    ) throws(Refusal) {
        let list = try unsafe statusList(of: handle.pointer, flags: flags, paths: paths)
        for index in 0..<(unsafe git_status_list_entrycount(list.pointer)) {
            guard let entry = unsafe git_status_byindex(list.pointer, index) else { continue }
            let delta = unsafe entry.pointee.index_to_workdir ?? entry.pointee.head_to_index
            guard let path = unsafe delta?.pointee.new_file.path ?? delta?.pointee.old_file.path else { continue }
            visit(unsafe bytes(of: path), unsafe entry.pointee.status.rawValue)
        }
    }

    /// Mode, content hash and path of one file, ended by a NUL, which no path contains; `nil` if it is no file.
    private func hashLine(_ path: [UInt8]) throws(Refusal) -> [UInt8]? {
        let full = (Array("\(root)/".utf8) + path + [0]).map { CChar(bitPattern: $0) }
        var status = stat()
        guard unsafe lstat(full, &status) == 0 else { return nil }
        let oid: git_oid
        let mode: TreeFile.Mode
        switch status.st_mode & S_IFMT {
        case S_IFLNK:
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let length = unsafe readlink(full, &target, target.count)
            guard length >= 0 else { return nil }
            oid = try hash(target.prefix(length).map { UInt8(bitPattern: $0) })
            mode = .link
        case S_IFREG:
            var content = git_oid()
            try Refusal.check(unsafe git_odb_hashfile(&content, full, GIT_OBJECT_BLOB))
            oid = content
            mode = status.st_mode & S_IXUSR != 0 ? .executable : .file
        default:
            return nil
        }
        return Array("\(String(mode.rawValue, radix: 8)) \(oid.hex) ".utf8) + path + [0]
    }

    private func hash(_ bytes: [UInt8]) throws(Refusal) -> git_oid {
        var oid = git_oid()
        try Refusal.check(unsafe git_odb_hash(&oid, bytes, bytes.count, GIT_OBJECT_BLOB))
        return oid
    }
}

/// Compares last commit, index and work tree.
private func statusList(
    of repository: OpaquePointer, flags: [git_status_opt_t], paths: [String]
) throws(Refusal) -> Owned {
    var options = unsafe git_status_options()
    try Refusal.check(unsafe git_status_options_init(&options, UInt32(GIT_STATUS_OPTIONS_VERSION)))
    unsafe options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR
    unsafe options.flags = flags.reduce(0) { $0 | $1.rawValue }
    let pathspec = Pathspec(paths)
    defer { withExtendedLifetime(pathspec) {} }
    unsafe options.pathspec = pathspec.array
    return try unsafe Owned(freedBy: git_status_list_free) { unsafe git_status_list_new($0, repository, &options) }
}

/// Paths as the library takes them, valid as long as this is.
@safe private struct Pathspec: ~Copyable {
    private let strings: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>

    init(_ paths: [String]) {
        unsafe strings = .allocate(capacity: paths.count)
        _ = unsafe strings.initialize(from: paths.map { unsafe strdup($0) })
    }

    deinit {
        unsafe strings.forEach { unsafe free($0) }
        unsafe strings.deallocate()
    }

    var array: git_strarray { unsafe git_strarray(strings: strings.baseAddress, count: strings.count) }
}
