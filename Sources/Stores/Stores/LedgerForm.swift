import Glibc
public import Journal

/// What a word on the command line names: a ledger, or a file that one was exported to.
public enum LedgerForm: Sendable {
    /// A ledger in a store.
    case store
    /// A file of lines.
    case export

    /// Looks at the beginning of the file, if it names one; a ledger in SQLite must be there, since looking makes none.
    ///
    /// Not to be asked about a ledger that this process has open: closing the file would drop the locks on it.
    public init(of text: String) throws(StoreError) {
        guard case .file(let path) = try StateLocation(parsing: text) else {
            self = .store
            return
        }
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw StoreError(.failed, "There is no ledger and no export at \(path): \(unsafe String(cString: strerror(errno))).")
        }
        defer { close(file) }
        var start = [UInt8](repeating: 0, count: Self.magic.count)
        let count = unsafe read(file, &start, start.count)
        self = count == start.count && start == Self.magic ? .store : .export
    }

    /// How every SQLite database begins: https://www.sqlite.org/fileformat.html, section 1.3.
    private static let magic = Array("SQLite format 3\0".utf8)
}
