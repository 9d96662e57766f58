import Journal
import Postgres

/// The ledger as a replica has it, no older than a mark of the primary; it is read and nothing else.
struct PostgresReplicaStore: RefusingStore {
    /// How often a replica that is behind is asked again.
    private static let pause = Duration.milliseconds(10)

    let pool: SessionPool
    let url: DatabaseURL
    let mark: PostgresMark
    /// How long a replica that is behind is waited for.
    let patience: Duration

    private func reading<T: Sendable>(_ work: @Sendable (Connection) async throws -> T) async throws(StoreError) -> T {
        let end = ContinuousClock.now + patience
        while true {
            do { return try await pool.repeating(work) } catch is PostgresMark.Ahead {
                guard .now < end else {
                    throw StoreError(.busy, "The replica \(url) is too far behind the ledger; look at its replication.")
                }
                do { try await Task.sleep(for: Self.pause) } catch { throw StoreError(error, postgres: url) }
            } catch {
                throw StoreError(error, postgres: url)
            }
        }
    }

    func read(_ journal: JournalName, after position: Int64, limit: Int) async throws(StoreError) -> [Entry] {
        try await reading { try await $0.entries(of: journal, after: position, limit: limit, since: mark) }
    }

    func head(of journal: JournalName) async throws(StoreError) -> Head? {
        try await reading { try await $0.head(of: journal, since: mark) }
    }

    func heads(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await reading { try await $0.heads(of: kind, before: before, limit: limit, since: mark) }
    }

    func waiting(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await reading { try await $0.heads(of: kind, before: before, limit: limit, waiting: true, since: mark) }
    }

    /// Whoever writes, leases or waits for what is new needs the primary; the sessions are the replica's, and stay open.
    var refusal: StoreError { StoreError(.readOnly, "The replica \(url) is only read: ask the primary.") }
}
