import Journal

/// A ledger for what asks none: every call is refused.
struct ClosedStore: Store {
    private var refusal: StoreError { StoreError(.failed, "No ledger is open.") }

    func append(_ batch: [Append], under leases: [Lease]) async throws(StoreError) -> [Head] { throw refusal }
    func read(_ journal: JournalName, after position: Int64, limit: Int) async throws(StoreError) -> [Entry] { throw refusal }
    func head(of journal: JournalName) async throws(StoreError) -> Head? { throw refusal }
    func heads(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] { throw refusal }
    func waiting(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] { throw refusal }
    func wait(for journal: JournalName, after position: Int64, timeout: Duration) async throws(StoreError) -> Bool {
        throw refusal
    }
    func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) async throws(StoreError) -> LeaseAnswer {
        throw refusal
    }
    func renew(_ lease: Lease, ttl: Duration) async throws(StoreError) -> Lease { throw refusal }
    func release(_ lease: Lease) async throws(StoreError) { throw refusal }
    func lease(on resource: String) async throws(StoreError) -> Lease? { throw refusal }
    func now() async throws(StoreError) -> Int64 { throw refusal }
    func close() async {}
}
