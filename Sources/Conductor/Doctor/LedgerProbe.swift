import Glibc
import Journal
import Postgres
import RemoteStores
import Stores

/// Looks at the ledger, without making one.
struct LedgerProbe: Sendable {
    let location: StateLocation
    let variables: [String: String]
    let vault: Vault
    private static let patience = Duration.seconds(4)

    func finding() async -> Finding {
        do throws(StoreError) {
            switch location {
            case .file(let path):
                guard unsafe access(path, F_OK) == 0 else { return absent(path) }
                guard unsafe access(path, W_OK) == 0 else {
                    return Finding(
                        "ledger", .missing, "\(path) cannot be written.", remedy: "Correct who may write it, or set SHIPIT_STATE."
                    )
                }
            case .database(let url):
                if let obstacle = await obstacle(in: url) { return obstacle }
            case .api: break
            }
            let store = try await Stores.open(location, variables: variables) { vault.learn($0) }
            let result: Result<Int64, StoreError>
            do throws(StoreError) { result = .success(try await store.now()) } catch { result = .failure(error) }
            await store.close()
            _ = try result.get()
            let name = try store.actor.map { (actor) throws(StoreError) in
                ", and takes us for \(actor), by \(try Bearer(variables: variables))"
            }
            return Finding("ledger", .fine, "\(location) is a ledger that this shipit knows\(name ?? "")")
        } catch {
            if case (.api, .refused) = (location, error.code) {
                return Finding("ledger", .missing, error.message, remedy: remedy)
            }
            return Finding("ledger", .missing, error.message, remedy: "Correct SHIPIT_STATE, or mend what it names.")
        }
    }

    /// What to do where an API does not take us.
    private var remedy: String {
        if case .workflow? = try? Bearer(variables: variables) {
            "See docs/api.md, Workflows of GitHub Actions; or set SHIPIT_TOKEN to a token that is good there."
        } else {
            "Set SHIPIT_TOKEN, or SHIPIT_TOKEN_FILE, to a token that is good there."
        }
    }

    private func absent(_ path: String) -> Finding {
        // The nearest folder that is there is where the others are made.
        var folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if folder.isEmpty { folder = path.hasPrefix("/") ? "/" : "." }
        while unsafe access(folder, F_OK) != 0, folder != "/", folder != "." {
            folder = folder.lastIndex(of: "/").map { $0 == folder.startIndex ? "/" : String(folder[..<$0]) } ?? "."
        }
        guard unsafe access(folder, W_OK) == 0 else {
            return Finding(
                "ledger", .missing, "\(path) is not there, and \(folder) cannot be written.",
                remedy: "Correct who may write there, or set SHIPIT_STATE to another place.")
        }
        return Finding("ledger", .fine, "\(path) is made when something is first shipped")
    }

    /// Nil when there is a ledger that can be opened.
    private func obstacle(in url: DatabaseURL) async -> Finding? {
        do throws(PostgresError) {
            let connection = try await Connection(url, applicationName: "shipit doctor", connectTimeout: Self.patience)
            let answer: Result<QueryResult, PostgresError>
            do throws(PostgresError) {
                answer = .success(
                    try await connection.query(
                        """
                        SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
                            to_regclass('shipit.schema_version') IS NOT NULL,
                            has_database_privilege(current_database(), 'CREATE') OR to_regnamespace('shipit') IS NOT NULL
                        """, timeout: Self.patience))
            } catch {
                answer = .failure(error)
            }
            await connection.close()
            let row = try answer.get().rows.first
            if row?.boolean(0) == true {
                return Finding("ledger", .missing, "\(url) is read-only.", remedy: "Name the primary server in SHIPIT_STATE.")
            }
            if row?.boolean(1) == true { return nil }
            return row?.boolean(2) == true
                ? Finding("ledger", .fine, "\(url) answers; its tables are made when something is first shipped")
                : Finding(
                    "ledger", .missing, "\(url) has no ledger, and its user may not make one.",
                    remedy: "Ask an administrator to run CREATE SCHEMA shipit AUTHORIZATION for this user there.")
        } catch {
            return Finding("ledger", .missing, error.message, remedy: "Correct SHIPIT_STATE, or start the server that it names.")
        }
    }
}
