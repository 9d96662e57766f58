import CGit2
import Glibc

extension Repository {
    /// Writes the files of a commit at and below a folder of it into a directory, byte for byte as committed.
    ///
    /// For build contexts: modes are 0644 or 0755, links stay links, times are the commit's, so that equal commits make equal
    /// images. Submodules are left out. The directory is created if need be and must be empty. What a hostile commit could contain to
    /// reach out of it (`..`, `.git`, names with slashes, files behind links) is refused.
    public func export(_ id: CommitID, path: String = "", to directory: String) throws(GitError) {
        let reading = "write commit \(id) to \(directory)"
        let commit = try inOurWords(reading) { () throws(Refusal) in try read(id) }
        let start = try inOurWords(reading) { () throws(Refusal) in try entry(at: id, path: path) }
        guard let start, start.isTree else {
            throw GitError(.unknownPath, "Commit \(id) has no folder \"\(path)\" to write to \(directory).")
        }
        let target = try Directory.openEmpty(directory)
        try write(start.oid, into: target, at: path, time: commit.time)
        target.setTime(commit.time)
    }

    private func write(_ tree: git_oid, into directory: borrowing Directory, at path: String, time: Int64) throws(GitError) {
        guard path.utf8.count < Int(PATH_MAX) else {
            throw GitError(.unsafePath, "Refused to write \(path.prefix(200))…: the path is longer than any system allows.")
        }
        for entry in try inOurWords("read the folder \"\(path)\"", { () throws(Refusal) in try entries(of: tree) }) {
            let name = String(decoding: entry.name, as: UTF8.self)
            let full = path.isEmpty ? name : "\(path)/\(name)"
            guard isSafe(entry.name) else {
                throw GitError(
                    .unsafePath,
                    "Refused to write \"\(full)\": the name leads out of the folder. The commit is not to be trusted.")
            }
            if entry.isTree {
                let child = try directory.makeDirectory(entry.name, full)
                try write(entry.oid, into: child, at: full, time: time)
                child.setTime(time)
            } else if let mode = entry.mode {
                let blob = try inOurWords("read \(full)") { () throws(Refusal) -> Owned in try self.blob(entry.oid) }
                try unsafe withContent(of: blob) { (content) throws(GitError) in
                    if mode == .link {
                        try unsafe directory.makeLink(entry.name, to: Array(content), full, time)
                    } else {
                        try unsafe directory.makeFile(entry.name, content, mode, full, time)
                    }
                }
            }
        }
    }

    /// Whether a name is one step down and nothing git keeps for itself, in any case of letters.
    private func isSafe(_ name: [UInt8]) -> Bool {
        let lowered = name.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return !name.isEmpty && !name.contains(UInt8(ascii: "/"))
            && ![".", "..", ".git"].contains { lowered.elementsEqual($0.utf8) }
    }
}
