import CGit2

extension Repository {
    /// The files of a commit at and below a path, sorted by the bytes of their paths; submodules are left out.
    ///
    /// An empty path means all. A path that does not exist has no files.
    public func tree(at id: CommitID, path: String = "") throws(GitError) -> [TreeFile] {
        try inOurWords("list \"\(path)\" of commit \(id)") { () throws(Refusal) in
            guard let start = try entry(at: id, path: path) else { return [] }
            let odb = try unsafe Owned(freedBy: git_odb_free) { unsafe git_repository_odb($0, handle.pointer) }
            var files: [TreeFile] = []
            var open = [(path: Array(path.utf8), entry: start)]
            while let (path, entry) = open.popLast() {
                if entry.isTree {
                    let prefix = path.isEmpty ? [] : path + [UInt8(ascii: "/")]
                    for child in try entries(of: entry.oid) { open.append((prefix + child.name, child)) }
                } else if let mode = entry.mode {
                    var oid = entry.oid
                    var size = 0
                    var type = GIT_OBJECT_ANY
                    try Refusal.check(unsafe git_odb_read_header(&size, &type, odb.pointer, &oid))
                    files.append(TreeFile(pathBytes: path, mode: mode, blob: oid.hex, size: size))
                }
            }
            return files.sorted { $0.pathBytes.lexicographicallyPrecedes($1.pathBytes) }
        }
    }

    /// The content of one file of a commit; `nil` if there is no such file.
    ///
    /// Refuses more than `limit` bytes.
    public func content(at id: CommitID, path: String, limit: Int = 16 << 20) throws(GitError) -> [UInt8]? {
        let file = try inOurWords("read \(path) of commit \(id)") { () throws(Refusal) -> Owned? in
            guard let entry = try entry(at: id, path: path), entry.mode != nil else { return nil }
            return try blob(entry.oid)
        }
        guard let file else { return nil }
        return try unsafe withContent(of: file) { (content) throws(GitError) in
            guard content.count <= limit else {
                throw GitError(
                    .tooLarge, "\(path) of commit \(id) has \(content.count) bytes, more than the \(limit) that are allowed here."
                )
            }
            return unsafe Array(content)
        }
    }

    /// The name of what a commit has at a path, 40 hexadecimal digits: it changes exactly with the content of the file or folder.
    ///
    /// An empty path means all; `nil` if there is nothing.
    public func treeHash(at id: CommitID, path: String = "") throws(GitError) -> String? {
        try inOurWords("find \"\(path)\" in commit \(id)") { () throws(Refusal) in try entry(at: id, path: path)?.oid.hex }
    }

    /// One name in a folder of a commit, copied out of the library.
    struct Entry {
        let name: [UInt8]
        let oid: git_oid
        let isTree: Bool
        /// `nil` for folders and submodules.
        let mode: TreeFile.Mode?
    }

    /// What a commit has at a path; `nil` if nothing.
    func entry(at id: CommitID, path: String) throws(Refusal) -> Entry? {
        let commit = try lookUp(id)
        let root = try unsafe Owned(freedBy: git_tree_free) { unsafe git_commit_tree($0, commit.pointer) }
        if path.isEmpty {
            guard let oid = unsafe git_tree_id(root.pointer) else { return nil }
            return Entry(name: [], oid: unsafe oid.pointee, isTree: true, mode: nil)
        }
        do throws(Refusal) {
            let found = try unsafe Owned(freedBy: git_tree_entry_free) { unsafe git_tree_entry_bypath($0, root.pointer, path) }
            return unsafe Entry(found.pointer)
        } catch {
            // The library says the same of a path that goes through a file as of one that is not there.
            if error.isCode(GIT_ENOTFOUND) { return nil }
            throw error
        }
    }

    /// The content of a file, in the library's memory.
    func blob(_ oid: git_oid) throws(Refusal) -> Owned {
        var oid = oid
        return try unsafe Owned(freedBy: git_blob_free) { unsafe git_blob_lookup($0, handle.pointer, &oid) }
    }

    /// Lends the bytes of a blob, which are the library's and end with it.
    func withContent<Value>(
        of blob: borrowing Owned, _ body: (UnsafeRawBufferPointer) throws(GitError) -> Value
    ) throws(GitError) -> Value {
        try unsafe body(
            UnsafeRawBufferPointer(start: git_blob_rawcontent(blob.pointer), count: Int(git_blob_rawsize(blob.pointer))))
    }

    /// What a folder holds.
    func entries(of tree: git_oid) throws(Refusal) -> [Entry] {
        var oid = tree
        let tree = try unsafe Owned(freedBy: git_tree_free) { unsafe git_tree_lookup($0, handle.pointer, &oid) }
        return (0..<(unsafe git_tree_entrycount(tree.pointer))).compactMap { index in
            unsafe git_tree_entry_byindex(tree.pointer, index).map { unsafe Entry($0) }
        }
    }
}

extension Repository.Entry {
    /// Copies what the library shows; the pointer may go afterwards.
    fileprivate init(_ entry: OpaquePointer) {
        name = unsafe bytes(of: git_tree_entry_name(entry))
        oid = unsafe git_tree_entry_id(entry).pointee
        let filemode = unsafe git_tree_entry_filemode(entry)
        isTree = filemode == GIT_FILEMODE_TREE
        mode = TreeFile.Mode(rawValue: filemode.rawValue)
    }
}
