import FoundationEssentials
import Glibc
import Journal

/// The file a ledger lives in, and its folder.
enum SQLiteFile {
    /// Makes sure that `path` is a file that can be written in a folder that can be written; creates what is missing, for the
    /// user alone.
    ///
    /// The file is never opened here: closing any descriptor of it would drop the POSIX locks that other connections of this
    /// process hold (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    static func prepare(_ path: String) throws(StoreError) {
        let folder = folder(of: path)
        if unsafe access(folder, F_OK) != 0 { try createFolder(folder, for: path) }
        try keepOutOfGit(folder, for: path)
        if unsafe mknod(path, S_IFREG | 0o600, 0) != 0, errno != EEXIST { throw failure(errno, path) }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw failure(errno, path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure(EISDIR, path) }
        // SQLite writes a log beside the file, so that the folder counts as well.
        for place in [path, folder] where unsafe access(place, R_OK | W_OK) != 0 {
            throw failure(errno == EACCES ? EROFS : errno, path)
        }
    }

    /// The part of `path` before its last slash.
    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func createFolder(_ folder: String, for path: String) throws(StoreError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            let reason = (error as? CocoaError)?.underlying as? POSIXError
            throw failure(reason?.code.rawValue ?? EACCES, path)
        }
    }

    /// A folder called `.shipit` ignores itself in git: a ledger is no part of the commit it tells about.
    private static func keepOutOfGit(_ folder: String, for path: String) throws(StoreError) {
        let file = folder + "/.gitignore"
        guard folder.hasSuffix(".shipit"), unsafe access(file, F_OK) != 0 else { return }
        guard FileManager.default.createFile(atPath: file, contents: Data("*\n".utf8)) else { throw failure(errno, path) }
    }

    private static func failure(_ code: Int32, _ path: String) -> StoreError {
        let reason = unsafe String(cString: strerror(code))
        return switch code {
        case EROFS:
            StoreError(
                .readOnly,
                "The ledger \(path) cannot be written: it, its folder or its file system is read-only. Make it writable.")
        case EACCES, EPERM:
            StoreError(
                .refused,
                "The ledger \(path) cannot be created: \(reason). Give this user the right to write there, or set SHIPIT_STATE.")
        case ENOSPC, EDQUOT:
            StoreError(.full, "The ledger \(path) cannot be created: \(reason). Free some space.")
        case EISDIR:
            StoreError(
                .failed, "The ledger \(path) is not a file but a folder or a device; name a file, as in \(path)/ledger.db.")
        default:
            StoreError(.failed, "The ledger \(path) cannot be created: \(reason). Check the path in SHIPIT_STATE.")
        }
    }
}
