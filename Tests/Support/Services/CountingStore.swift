public import Journal
import Synchronization

/// A store that counts what is read of it: what a question costs, whatever machine asks.
public final class CountingStore: Store {
    private let store: any Store
    private let count = Mutex(0)

    /// Counts what is read of `store`.
    public init(_ store: any Store) {
        self.store = store
    }

    /// How many entries and heads `body` reads.
    public func cost(_ body: () async throws -> Void) async throws -> Int {
        count.withLock { $0 = 0 }
        try await body()
        return count.withLock { $0 }
    }

    private func counted<Row>(_ rows: [Row]) -> [Row] {
        count.withLock { $0 += rows.count }
        return rows
    }

    /// See `Store.append`.
    public func append(_ batch: [Append], under leases: [Lease]) async throws(StoreError) -> [Head] {
        try await store.append(batch, under: leases)
    }

    /// See `Store.read`.
    public func read(_ journal: JournalName, after position: Int64, limit: Int) async throws(StoreError) -> [Entry] {
        counted(try await store.read(journal, after: position, limit: limit))
    }

    /// See `Store.head`.
    public func head(of journal: JournalName) async throws(StoreError) -> Head? {
        counted([try await store.head(of: journal)])[0]
    }

    /// See `Store.heads`.
    public func heads(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        counted(try await store.heads(of: kind, before: before, limit: limit))
    }

    /// See `Store.waiting`.
    public func waiting(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        counted(try await store.waiting(of: kind, before: before, limit: limit))
    }

    /// See `Store.wait`.
    public func wait(for journal: JournalName, after position: Int64, timeout: Duration) async throws(StoreError) -> Bool {
        try await store.wait(for: journal, after: position, timeout: timeout)
    }

    /// See `Store.acquire`.
    public func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) async throws(StoreError) -> LeaseAnswer {
        try await store.acquire(resource, for: holder, ttl: ttl)
    }

    /// See `Store.renew`.
    public func renew(_ lease: Lease, ttl: Duration) async throws(StoreError) -> Lease { try await store.renew(lease, ttl: ttl) }

    /// See `Store.release`.
    public func release(_ lease: Lease) async throws(StoreError) { try await store.release(lease) }

    /// See `Store.lease`.
    public func lease(on resource: String) async throws(StoreError) -> Lease? { try await store.lease(on: resource) }

    /// See `Store.now`.
    public func now() async throws(StoreError) -> Int64 { try await store.now() }

    /// See `Store.close`.
    public func close() async { await store.close() }
}
