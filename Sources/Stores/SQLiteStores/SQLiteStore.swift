import Dispatch
import GRDB
import Glibc
public import Journal
import Storing
import Synchronization

/// A ledger in one SQLite file, for one machine.
///
/// Several processes may use the file at once. A transaction is on the disk when `append` returns (write-ahead log,
/// `synchronous=FULL`); appends that come at the same time share one.
public struct SQLiteStore: Store {
    private let path: String
    private let database: DatabaseQueue
    private let bell = Bell()
    private let commits: GroupCommit

    /// How often a waiting caller looks whether other processes wrote; one look is one number in memory that all connections share.
    private static let pause = Duration.milliseconds(75)

    /// Opens the ledger at `path`; creates it and its folder when they are missing, readable for this user alone.
    public init(path: String) async throws(StoreError) {
        do {
            database = try await Self.blocking {
                try SQLiteFile.prepare(path)
                return try Self.open(path)
            }
        } catch {
            throw StoreError(error, sqlite: path)
        }
        self.path = path
        let (database, bell) = (database, bell)
        commits = GroupCommit { await Self.commit($0, in: database, bell: bell, path: path) }
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = false
        configuration.label = "shipit.ledger"
        // One connection: a command reads for microseconds between its writes, and a second one costs its start three milliseconds.
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            // Said here and not in the configuration, with which GRDB would write to every ledger it opens, and choose NORMAL, which
            // survives a kill and not a power cut.
            try keepLog(of: database, at: path)
            try database.execute(sql: "PRAGMA synchronous = FULL")
            guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
                throw StoreError(.failed, "SQLite does not write the ledger \(path) durably: synchronous=FULL was not taken.")
            }
            try SQLiteSchema.prepare(database, at: path)
        }
        return queue
    }

    /// Sees to it that the ledger has a write-ahead log.
    ///
    /// Of processes that open a new file at the same moment each holds up the other's change, and SQLite answers "busy" at once where
    /// waiting could not help: so it is tried again, as long as any call waits.
    private static func keepLog(of database: Database, at path: String) throws {
        let end = ContinuousClock.now + .seconds(5)
        while true {
            do {
                guard try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") == "wal" else {
                    throw StoreError(
                        .failed, "SQLite keeps no write-ahead log for the ledger \(path): its file system cannot share memory.")
                }
                return
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && ContinuousClock.now < end {
                usleep(.random(in: 5_000...20_000))
            }
        }
    }

    /// Milliseconds since 1970; the clock of all leases on this machine.
    private static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Runs what blocks, away from the shared pool of threads.
    private static func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { done in
            DispatchQueue.global().async { done.resume(with: Result { try work() }) }
        }
    }

    private func reading<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        do { return try await database.read(work) } catch { throw StoreError(error, sqlite: path) }
    }

    /// One transaction that takes the write lock at its start, so that what it reads is what it changes.
    private func writing<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        do { return try await database.write(work) } catch { throw StoreError(error, sqlite: path) }
    }
}

extension SQLiteStore {
    /// See `Store.append`.
    public func append(_ batch: [Append], under leases: [Lease]) async throws(StoreError) -> [Head] {
        let request = AppendRequest(batch: batch, leases: leases)
        try request.check()
        return try await commits.append(request).get()
    }

    private static func commit(
        _ requests: [AppendRequest], in database: DatabaseQueue, bell: Bell, path: String
    ) async -> [GroupCommit.Outcome] {
        do {
            let outcomes = try await database.write { database in
                try requests.flatMap { request -> [GroupCommit.Outcome] in
                    let ground: AppendGround
                    do {
                        ground = try database.ground(of: request, at: now())
                    } catch let error as StoreError {
                        // What one request finds damaged, the others may not need.
                        return [.failure(error)]
                    }
                    let plan = AppendPlan([request], on: ground)
                    try database.write(plan)
                    return plan.outcomes
                }
            }
            await bell.ring(for: outcomes.flatMap { (try? $0.get()) ?? [] }.map(\.journal))
            return outcomes
        } catch {
            let failure = StoreError(error, sqlite: path)
            guard failure.code == .full, requests.count > 1 else { return requests.map { _ in .failure(failure) } }
            // One that is too large must not take the others with it.
            var outcomes: [GroupCommit.Outcome] = []
            for request in requests { outcomes += await commit([request], in: database, bell: bell, path: path) }
            return outcomes
        }
    }

    /// See `Store.read`.
    public func read(_ journal: JournalName, after position: Int64, limit: Int) async throws(StoreError) -> [Entry] {
        try await reading { try $0.entries(of: journal, after: position, limit: limit) }
    }

    /// See `Store.head`.
    public func head(of journal: JournalName) async throws(StoreError) -> Head? {
        try await reading { try $0.head(of: journal) }
    }

    /// See `Store.heads`.
    public func heads(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await reading { try $0.heads(of: kind, before: before, limit: limit) }
    }

    /// See `Store.waiting`.
    public func waiting(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await reading { try $0.heads(of: kind, before: before, limit: limit, waiting: true) }
    }

    /// See `Store.wait`.
    public func wait(for journal: JournalName, after position: Int64, timeout: Duration) async throws(StoreError) -> Bool {
        let looked = Mutex<(version: Int64?, changes: Int)?>(nil)
        return try await bell.wait(for: journal, asking: Self.pause, timeout: timeout) { () async throws(StoreError) -> Bool in
            try await reading { database in
                // Other connections' commits change the one number, ours the other.
                let now = (version: try Int64.fetchOne(database, sql: "PRAGMA data_version"), changes: database.totalChangesCount)
                let isNew = looked.withLock { before in
                    defer { before = now }
                    return before.map { $0 != now } ?? true
                }
                guard isNew else { return false }
                return try database.head(of: journal).map { $0.position > position } ?? false
            }
        }
    }

    /// See `Store.acquire`.
    public func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) async throws(StoreError) -> LeaseAnswer {
        try await writing { try $0.acquire(resource, for: holder, ttl: ttl, at: Self.now()) }
    }

    /// See `Store.renew`.
    public func renew(_ lease: Lease, ttl: Duration) async throws(StoreError) -> Lease {
        try await writing { try $0.renew(lease, ttl: ttl, at: Self.now()) }
    }

    /// See `Store.release`.
    public func release(_ lease: Lease) async throws(StoreError) {
        try await writing { try $0.release(lease) }
    }

    /// See `Store.lease`.
    public func lease(on resource: String) async throws(StoreError) -> Lease? {
        try await reading { try $0.lease(on: resource) }.flatMap { $0.expires > Self.now() ? $0 : nil }
    }

    /// See `Store.now`: all who share the file share the machine.
    public func now() async throws(StoreError) -> Int64 { Self.now() }

    /// See `Store.close`.
    public func close() async {
        // A connection that is still in use closes when its last user goes.
        try? await Self.blocking { [database] in try database.close() }
    }
}
