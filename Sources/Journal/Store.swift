/// A ledger: journals that only grow until they are removed as a whole, and the leases that say who may make them grow.
///
/// Every implementation passes the same contract suite. All calls may be made concurrently, and from several processes.
/// Durable means: what a call returned survives the end of the process and a power cut.
public protocol Store: Sendable {
    /// The name that everything written here carries; nil where anybody may write under any.
    var actor: String? { get }

    /// Where what stages print is kept for others; nil where nobody else reads the store, and each driver's own files are enough.
    var logs: (any LogStore)? { get }

    /// Throws `.refused` where whoever this is may not hold an environment: for what begins with that, and asks before it looks around.
    func requireRightToHold() throws(StoreError)

    /// Appends to several journals at once, durably: all of `batch` or nothing.
    ///
    /// Each journal's position must be the expected one, and each of `leases` must be alive with its token, both checked in
    /// the transaction that writes. A journal is named once per batch. Returns the new heads in the order of `batch`.
    ///
    /// A journal that is removed must end where its removal says; afterwards there is no such journal.
    ///
    /// Errors: `.conflict` when another writer was first (fold again, decide again, retry) and `.leaseLost`.
    func append(_ batch: [Append], under leases: [Lease]) async throws(StoreError) -> [Head]

    /// At most `limit` entries after `position`, oldest first; none when there are no more or no such journal.
    func read(_ journal: JournalName, after position: Int64, limit: Int) async throws(StoreError) -> [Entry]

    /// The journal's newest end; nil when there is no such journal.
    func head(of journal: JournalName) async throws(StoreError) -> Head?

    /// At most `limit` heads of one kind, greatest name first (run ids sort by time), strictly before the name `before`.
    func heads(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head]

    /// The same among those that wait for somebody; costs as much as it gives, however many others there are.
    func waiting(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head]

    /// Returns true once the journal has an entry after `position`, or false after `timeout`.
    ///
    /// A task that is cancelled meanwhile is answered false at once.
    func wait(for journal: JournalName, after position: Int64, timeout: Duration) async throws(StoreError) -> Bool

    /// Asks for the lease on `resource` for `ttl`; the store's clock decides what has expired.
    ///
    /// A holder that asks again for what it holds is granted the same token until `ttl` from now, or for as long as it had it if
    /// that is longer. Whoever gets the lease after a release or an expiry gets a greater token.
    func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) async throws(StoreError) -> LeaseAnswer

    /// Keeps the lease until `ttl` from now; `.leaseLost` when it was released, another token took it, or it is another user's.
    ///
    /// A lease that expired unnoticed and that nobody took may be renewed: its token proves that nobody acted in between. It ends
    /// earlier than it did only if `lease` says when it did: a renewal that is late, since its connection was lost on the way, shortens
    /// nothing that a newer one made longer.
    func renew(_ lease: Lease, ttl: Duration) async throws(StoreError) -> Lease

    /// Gives the lease up; says nothing when it was lost already, or is another user's.
    func release(_ lease: Lease) async throws(StoreError)

    /// The live lease on `resource`; nil when nobody holds it.
    func lease(on resource: String) async throws(StoreError) -> Lease?

    /// The store's clock, in milliseconds since 1970: what leases and `Head.updated` go by.
    ///
    /// The same to everybody, whatever the clocks of their machines say.
    func now() async throws(StoreError) -> Int64

    /// Ends all connections. Calls made afterwards fail.
    func close() async
}

extension Store {
    /// Nil: anybody may write under any name.
    public var actor: String? { nil }

    /// Nil: nobody else reads it.
    public var logs: (any LogStore)? { nil }

    /// Whoever reaches the ledger may.
    public func requireRightToHold() throws(StoreError) {}
}
