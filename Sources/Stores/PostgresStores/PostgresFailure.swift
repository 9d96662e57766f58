import Journal
import Postgres

extension StoreError {
    /// What went wrong with the ledger at `url`, from what a session or a transaction of ours threw.
    init(_ error: any Error, postgres url: DatabaseURL) {
        switch error {
        case let error as StoreError: self = error
        case let error as PostgresError: self.init(error, url)
        case is CancellationError: self.init(.failed, "The call on the ledger \(url) was cancelled.")
        default: self.init(.failed, "The ledger \(url) did not answer: \(error).")
        }
    }

    /// By the kind of failure, and by the server's code where it says more.
    private init(_ error: PostgresError, _ url: DatabaseURL) {
        let (code, remedy): (Code, String?) =
            switch (error.code, error.sqlState) {
            case (_, "53100"): (.full, "Nothing of this was written. Free some space on the server's disk and try again.")
            case (_, "25006"): (.readOnly, "The server is a standby or set to read-only: name the primary in SHIPIT_STATE.")
            case (_, "XX001"), (_, "XX002"): (.corrupt, "Restore the database.")
            case (.unreachable, _), (.connectionLost, _): (.unreachable, "Check the server and the network, then try again.")
            case (.refused, _): (.refused, "Check the user, its password and its rights on the schema shipit.")
            case (.databaseMissing, _): (.refused, "Create the database, or correct SHIPIT_STATE.")
            case (.timedOut, _): (.busy, "Others may hold locks on the ledger; try again.")
            case (.other, _) where error.passing: (.busy, "Try again.")
            case (.cancelled, _), (.syntax, _), (.constraint, _), (.other, _): (.failed, nil)
            }
        self.init(code, ["The ledger \(url) failed. \(error)", remedy].compactMap(\.self).joined(separator: " "))
    }
}
