public import Journal
public import Postgres
import Storing

/// A ledger in the schema `shipit` of a PostgreSQL database, for a team.
///
/// Appends that come at the same time share a transaction. Writers are put in order by the lock on the journal's row; the server's
/// clock decides about leases. A session that is cut is replaced; what it was doing is repeated where that is safe, and an append
/// never happens twice.
public struct PostgresStore: Store {
    private let url: DatabaseURL
    private let pool: SessionPool
    private let bell = Bell()
    private let listener: PostgresListener
    private let commits: GroupCommit

    /// How often a waiting caller looks although it would be told.
    private static let pause = Duration.seconds(2)
    /// The same where nobody would tell it.
    private static let deafPause = Duration.milliseconds(250)
    /// How often an append is begun again after its session was cut.
    private static let attempts = 3
    /// How many transactions append at a time: while one waits for a journal that another process is writing to, the other goes on.
    private static let lanes = 2

    /// Opens the ledger at `url` with one session; makes its tables when they are missing and the user may.
    public init(_ url: DatabaseURL) async throws(StoreError) {
        self.url = url
        pool = SessionPool(url, applicationName: "shipit")
        listener = PostgresListener(url, bell)
        let (pool, bell) = (pool, bell)
        commits = GroupCommit(lanes: Self.lanes) { await Self.commit($0, in: pool, bell: bell, url: url) }
        do {
            try await repeating { try await PostgresSchema.prepare($0, at: url) }
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Runs `work`, which may be done twice, with a session of the pool.
    private func repeating<T: Sendable>(_ work: @Sendable (Connection) async throws -> T) async throws(StoreError) -> T {
        do { return try await pool.repeating(work) } catch { throw StoreError(error, postgres: url) }
    }
}

extension PostgresStore {
    /// See `Store.logs`.
    public var logs: (any LogStore)? { PostgresLogs { (work) async throws(StoreError) in try await self.repeating(work) } }

    /// See `Store.append`.
    ///
    /// A cancelled caller is told what became of its append all the same.
    public func append(_ batch: [Append], under leases: [Lease]) async throws(StoreError) -> [Head] {
        let request = AppendRequest(batch: batch, leases: leases)
        try request.check()
        return try await commits.append(request).get()
    }

    /// Writes requests in one transaction; nil when one of several keeps them from it.
    private static func commit(
        _ requests: [AppendRequest], in pool: SessionPool, bell: Bell, url: DatabaseURL
    ) async -> [GroupCommit.Outcome]? {
        let isShared = requests.count > 1
        // What removes shares with no other, as the plan wants it.
        guard !isShared || requests.allSatisfy(\.removals.isEmpty) else { return nil }
        do {
            let outcomes = try await written(requests, in: pool)
            await bell.ring(for: outcomes.flatMap { (try? $0.get()) ?? [] }.map(\.journal))
            return outcomes
        } catch {
            let failure = StoreError(error, postgres: url)
            // One that the server refuses, or that must wait for somebody, does not take the others with it.
            guard isShared, failure.code != .unreachable else { return requests.map { _ in .failure(failure) } }
            return nil
        }
    }

    /// What became of one try to append.
    private enum Attempt: Sendable {
        case done([GroupCommit.Outcome])
        /// The session was cut before the commit was sent: nothing was written.
        case cut(PostgresError)
        /// The transaction of this number was being committed when the session was cut, or failed at its end.
        case unknown(AppendPlan, transaction: String, PostgresError)
    }

    private static func written(_ requests: [AppendRequest], in pool: SessionPool) async throws -> [GroupCommit.Outcome] {
        var left = attempts
        while true {
            left -= 1
            switch try await pool.with({ try await attempt(requests, $0) }) {
            case .done(let outcomes): return outcomes
            case .cut(let error):
                guard left > 0 else { throw error }
            case .unknown(let plan, let transaction, let error):
                if try await hasCommitted(transaction, plan, in: pool) { return plan.outcomes }
                guard left > 0 else { throw error }
            }
        }
    }

    /// What the server says became of a transaction.
    ///
    /// While it says nothing, nobody may write the same again: that would meet what was written as somebody else's.
    private static func hasCommitted(
        _ transaction: String, _ plan: AppendPlan, in pool: SessionPool
    ) async throws(StoreError) -> Bool {
        let why: String
        do {
            if let isCommitted = try await pool.repeating({ try await $0.committed(transaction, plan.heads) }) {
                return isCommitted
            }
            why = "The server still works on it."
        } catch {
            why = "\(error)"
        }
        throw StoreError(
            .unreachable,
            "The connection was lost during an append, and what became of it cannot be told. \(why) Read the journal again.")
    }

    private static func attempt(_ requests: [AppendRequest], _ connection: Connection) async throws -> Attempt {
        do {
            let (ground, transaction) = try await connection.lock(requests)
            let plan = AppendPlan(requests, on: ground)
            guard !plan.heads.isEmpty else {
                await connection.rollBack()
                return .done(plan.outcomes)
            }
            do throws(PostgresError) {
                try await connection.commit(plan, for: requests, on: ground)
                return .done(plan.outcomes)
            } catch {
                // Still in the transaction, it never came to its commit.
                guard await !connection.isInTransaction else { throw error }
                return .unknown(plan, transaction: transaction, error)
            }
        } catch let error as PostgresError where error.code == .connectionLost {
            return .cut(error)
        } catch {
            await connection.rollBack()
            throw error
        }
    }

    /// See `Store.read`.
    public func read(_ journal: JournalName, after position: Int64, limit: Int) async throws(StoreError) -> [Entry] {
        try await repeating { try await $0.entries(of: journal, after: position, limit: limit) }
    }

    /// See `Store.head`.
    public func head(of journal: JournalName) async throws(StoreError) -> Head? {
        try await repeating { try await $0.head(of: journal) }
    }

    /// See `Store.heads`.
    public func heads(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await repeating { try await $0.heads(of: kind, before: before, limit: limit) }
    }

    /// See `Store.waiting`.
    public func waiting(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await repeating { try await $0.heads(of: kind, before: before, limit: limit, waiting: true) }
    }

    /// See `Store.wait`.
    public func wait(for journal: JournalName, after position: Int64, timeout: Duration) async throws(StoreError) -> Bool {
        await listener.start()
        let pause = await listener.isDeaf ? Self.deafPause : Self.pause
        return try await bell.wait(for: journal, asking: pause, timeout: timeout) { () async throws(StoreError) -> Bool in
            try await head(of: journal).map { $0.position > position } ?? false
        }
    }

    /// See `Store.acquire`.
    public func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) async throws(StoreError) -> LeaseAnswer {
        try await repeating { try await $0.acquire(resource, for: holder, ttl: ttl) }
    }

    /// See `Store.renew`.
    public func renew(_ lease: Lease, ttl: Duration) async throws(StoreError) -> Lease {
        try await repeating { try await $0.renew(lease, ttl: ttl) }
    }

    /// See `Store.release`.
    public func release(_ lease: Lease) async throws(StoreError) {
        try await repeating { try await $0.release(lease) }
    }

    /// See `Store.lease`.
    public func lease(on resource: String) async throws(StoreError) -> Lease? {
        try await repeating { try await $0.lease(on: resource) }
    }

    /// See `Store.now`.
    public func now() async throws(StoreError) -> Int64 {
        try await repeating { try await $0.time() }
    }

    /// See `Store.close`.
    public func close() async {
        await listener.stop()
        await pool.close()
    }
}
