/// A store that does little or nothing, and refuses everything else alike.
///
/// What one does is said by its own methods, in place of these.
package protocol RefusingStore: Store {
    /// Why it does not.
    var refusal: StoreError { get }
}

extension RefusingStore {
    package func append(_ batch: [Append], under leases: [Lease]) async throws(StoreError) -> [Head] { throw refusal }
    package func read(_ journal: JournalName, after position: Int64, limit: Int) async throws(StoreError) -> [Entry] {
        throw refusal
    }
    package func head(of journal: JournalName) async throws(StoreError) -> Head? { throw refusal }
    package func heads(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        throw refusal
    }
    package func waiting(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        throw refusal
    }
    package func wait(for journal: JournalName, after position: Int64, timeout: Duration) async throws(StoreError) -> Bool {
        throw refusal
    }
    package func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) async throws(StoreError) -> LeaseAnswer {
        throw refusal
    }
    package func renew(_ lease: Lease, ttl: Duration) async throws(StoreError) -> Lease { throw refusal }
    package func release(_ lease: Lease) async throws(StoreError) { throw refusal }
    package func lease(on resource: String) async throws(StoreError) -> Lease? { throw refusal }
    package func now() async throws(StoreError) -> Int64 { throw refusal }
    package func close() async {}
}
