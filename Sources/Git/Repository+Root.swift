import Glibc

extension Repository {
    /// The root of the work tree that a folder belongs to, found by its `.git` alone; nil when there is none above it.
    ///
    /// Nothing is opened: libgit2 takes 18 ms to set itself up, most of them for certificates it will not need here, and a command that
    /// only looks at the ledger never asks git anything.
    public static func root(around path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        var folder = unsafe String(cString: resolved)[...]
        if folder == "/" { folder = "" }
        while true {
            if unsafe access("\(folder)/.git", F_OK) == 0 { return folder.isEmpty ? "/" : String(folder) }
            guard let slash = folder.lastIndex(of: "/") else { return nil }
            folder = folder[..<slash]
        }
    }
}
