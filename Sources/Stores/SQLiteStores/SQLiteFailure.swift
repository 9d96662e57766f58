import GRDB
import Journal

extension StoreError {
    /// What went wrong with the ledger at `path`, from what GRDB or a transaction of ours threw.
    init(_ error: any Error, sqlite path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(error, path)
        case is CancellationError: self.init(.failed, "The call on the ledger \(path) was cancelled.")
        default: self.init(.failed, "The ledger \(path) did not answer: \(error).")
        }
    }

    /// By result code, as https://www.sqlite.org/rescode.html lists them.
    private init(_ error: DatabaseError, _ path: String) {
        let text = error.message ?? "SQLite says \(error.extendedResultCode)"
        switch (error.resultCode, error.extendedResultCode) {
        case (.SQLITE_FULL, _), (_, .SQLITE_IOERR_WRITE), (_, .SQLITE_IOERR_FSYNC), (_, .SQLITE_IOERR_SHMSIZE):
            self.init(
                .full,
                "The ledger \(path) cannot grow: \(text). Nothing of this was written. Free some space there and try again.")
        case (.SQLITE_BUSY, _), (.SQLITE_LOCKED, _):
            self.init(
                .busy, "The ledger \(path) was kept locked by another process for more than five seconds (\(text)). Try again.")
        case (.SQLITE_READONLY, _):
            self.init(.readOnly, "The ledger \(path) cannot be written: \(text). Make the file and its folder writable.")
        case (.SQLITE_PERM, _), (.SQLITE_AUTH, _), (.SQLITE_CANTOPEN, _):
            self.init(.refused, "The ledger \(path) cannot be opened: \(text). Check its permissions and those of its folder.")
        case (.SQLITE_CORRUPT, _), (.SQLITE_NOTADB, _):
            self.init(.corrupt, "The ledger \(path) is damaged or not a ledger: \(text). Restore it, or name another file.")
        default:
            self.init(.failed, "The ledger \(path) failed: \(text) (\(error.extendedResultCode)).")
        }
    }
}
