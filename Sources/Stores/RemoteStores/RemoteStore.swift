import Executors
import HTTP
import Hashing
public import Journal
import Storing
import Synchronization

/// A ledger behind an API, for who reaches no database: a laptop, a CI.
///
/// What is written carries the name of the token's owner, whose role says what they may. Each call may be made again when its
/// answer was lost; an append whose answer was lost is looked up, and never happens twice.
public final class RemoteStore: Store {
    /// The name of the token's owner.
    public var actor: String? { identity.name }

    private let identity: RemoteForm.Identity
    private let address: APIAddress
    private let source: TokenSource
    /// Nil once the store is closed; behind a lock, since any caller may be about to use it.
    private let client: Mutex<HTTPClient?>

    /// Asks the API at `address` for whom it takes us.
    ///
    /// - Parameters:
    ///   - address: where it is.
    ///   - bearer: by what it knows us.
    ///   - learn: is told of every secret that is got on the way, so that it can be kept out of what is shown.
    public init(
        _ address: APIAddress, as bearer: Bearer, learn: @escaping @Sendable (String) -> Void
    ) async throws(StoreError) {
        self.address = address
        let client = HTTPClient()
        self.client = Mutex(client)
        source =
            switch bearer {
            case .token(let token): .fixed(token)
            case .workflow(let identity): .renewed(WorkflowToken(address, for: identity, learn: learn))
            }
        let call = try RemoteCall(address, source, client, "GET", "/api/whoami")
        identity = try await call.value()
        guard identity.name != nil else {
            throw StoreError(.refused, "The API at \(address) does not say whose token this is: it needs a database of its own.")
        }
    }

    /// A question below `/api`, or below what a ledger has there.
    func call(
        _ method: String, _ path: String, below base: String = "/ledger", query: [(String, String)] = [], pause: Duration = .zero
    ) throws(StoreError) -> RemoteCall {
        guard let client = client.withLock({ $0 }) else {
            throw StoreError(.failed, "The ledger at \(address) was closed and is used no more.")
        }
        return try RemoteCall(address, source, client, method, "/api\(base)\(path)", query: query, pause: pause)
    }
}

extension RemoteStore {
    /// See `Store.logs`.
    public var logs: (any LogStore)? { RemoteLogs(store: self) }

    /// See `Store.requireRightToHold`.
    public func requireRightToHold() throws(StoreError) {
        guard let role = identity.role, let roles = identity.roles?["hold"], let lack = RoleLack(role, to: .hold, of: roles)
        else {
            return
        }
        throw StoreError(.refused, "The API at \(address) would refuse this. \(lack.sentences)")
    }

    /// See `Store.append`.
    ///
    /// A cancelled caller is told what became of its append all the same.
    public func append(_ batch: [Append], under leases: [Lease]) async throws(StoreError) -> [Head] {
        try AppendRequest(batch: batch, leases: leases).check()
        let form = RemoteForm.Batch(batch: batch.map(RemoteForm.Part.init), leases: leases)
        let call = try call("POST", "/append").with(form, isSentOnce: true)
        return try await uncancelled { await self.written(batch, by: call) }.value.get()
    }

    private func written(_ batch: [Append], by call: RemoteCall) async -> Result<[Head], StoreError> {
        let failure: RemoteCall.Failure
        do throws(RemoteCall.Failure) {
            return .success(try call.read(try await call.answer(), as: RemoteForm.Ends.self).heads.map(\.head))
        } catch {
            failure = error
        }
        guard failure.isUnknown else { return .failure(failure.error) }
        do throws(StoreError) {
            if let heads = try await found(batch) { return .success(heads) }
        } catch {
            return .failure(Self.unknown(error.message))
        }
        switch failure.error.code {
        // It was not written before somebody else was first, and never can be: what is expected does not come again.
        case .conflict, .leaseLost: return .failure(failure.error)
        // It may be on its way still.
        default: return .failure(Self.unknown(failure.error.message))
        }
    }

    private static func unknown(_ why: String) -> StoreError {
        StoreError(
            .unreachable,
            "The connection was lost during an append, and what became of it cannot be told. \(why) Read the journal again.")
    }

    /// The heads that an append whose answer was lost has made; nil when it has made none.
    ///
    /// What stands at its places is compared with what was sent, by the chain: all of a batch is there, or nothing.
    private func found(_ batch: [Append]) async throws(StoreError) -> [Head]? {
        var heads: [Head] = []
        for part in batch {
            let entries = try await read(part.journal, after: part.expected, limit: part.bodies.count)
            guard let first = entries.first, let head = try await head(of: part.journal) else { return nil }
            let sent = Chain.extend(part.journal, after: (part.expected, first.previous), bodies: part.bodies)
            guard entries == sent, let last = sent.last else { return nil }
            heads.append(
                head.position == last.position
                    ? head
                    : Head(
                        journal: part.journal, position: last.position, hash: last.hash, summary: part.summary ?? head.summary,
                        isWaiting: part.isWaiting ?? head.isWaiting, updated: head.updated))
        }
        return heads
    }

    /// See `Store.read`.
    public func read(_ journal: JournalName, after position: Int64, limit: Int) async throws(StoreError) -> [Entry] {
        var entries: [Entry] = []
        while entries.count < limit {
            let wanted = min(limit - entries.count, RemoteForm.page)
            let query = [("after", "\(entries.last?.position ?? position)"), ("limit", "\(wanted)")]
            let page = try await call("GET", "/journals/\(journal)/entries", query: query).value(RemoteForm.Lines.self)
            entries += page.entries.map { $0.entry(of: journal) }
            guard page.isCut || page.entries.count == wanted, !page.entries.isEmpty else { break }
        }
        return entries
    }

    /// See `Store.head`.
    public func head(of journal: JournalName) async throws(StoreError) -> Head? {
        try await call("GET", "/journals/\(journal)").value(RemoteForm.MaybeEnd.self).head?.head
    }

    /// See `Store.heads`.
    public func heads(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await heads(of: kind, before: before, limit: limit, waiting: false)
    }

    /// See `Store.waiting`.
    public func waiting(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await heads(of: kind, before: before, limit: limit, waiting: true)
    }

    private func heads(
        of kind: JournalName.Kind, before: String?, limit: Int, waiting: Bool
    ) async throws(StoreError) -> [Head] {
        var heads: [Head] = []
        while heads.count < limit {
            let wanted = min(limit - heads.count, RemoteForm.page)
            var query = [("waiting", "\(waiting)"), ("limit", "\(wanted)")]
            if let last = heads.last?.journal.name ?? before { query.append(("before", last)) }
            let page = try await call("GET", "/journals/\(kind.rawValue)", query: query).value(RemoteForm.Ends.self)
            heads += page.heads.map(\.head)
            guard page.isCut || page.heads.count == wanted, !page.heads.isEmpty else { break }
        }
        return heads
    }

    /// See `Store.wait`.
    public func wait(for journal: JournalName, after position: Int64, timeout: Duration) async throws(StoreError) -> Bool {
        let end = ContinuousClock.now + timeout
        while true {
            let span = min(max(0, ContinuousClock.now.duration(to: end).milliseconds), RemoteForm.wait)
            do throws(StoreError) {
                let query = [("after", "\(position)"), ("timeout", "\(span)")]
                let call = try call("GET", "/journals/\(journal)/wait", query: query, pause: .milliseconds(span))
                if try await call.value(RemoteForm.Growth.self).isThere { return true }
            } catch {
                // A look that the cancellation cut short is no failure of the store.
                if Task.isCancelled { return false }
                throw error
            }
            if ContinuousClock.now >= end { return false }
        }
    }

    /// See `Store.acquire`.
    public func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) async throws(StoreError) -> LeaseAnswer {
        let wish = RemoteForm.Wish(resource: resource, holder: holder, ttl: ttl.milliseconds)
        guard let answer = try await call("POST", "/leases/acquire").with(wish).value(RemoteForm.Grant.self).answer else {
            throw StoreError(.failed, "The API at \(address) neither granted the lease on \(resource) nor said who has it.")
        }
        return answer
    }

    /// See `Store.renew`.
    public func renew(_ lease: Lease, ttl: Duration) async throws(StoreError) -> Lease {
        let renewal = RemoteForm.Renewal(lease: lease, ttl: ttl.milliseconds)
        return try await call("POST", "/leases/renew").with(renewal).value(RemoteForm.Held.self).lease
    }

    /// See `Store.release`.
    public func release(_ lease: Lease) async throws(StoreError) {
        _ = try await call("POST", "/leases/release").with(RemoteForm.Held(lease)).value(RemoteForm.MaybeHeld.self)
    }

    /// See `Store.lease`.
    public func lease(on resource: String) async throws(StoreError) -> Lease? {
        try await call("GET", "/lease", query: [("resource", resource)]).value(RemoteForm.MaybeHeld.self).lease
    }

    /// See `Store.now`.
    public func now() async throws(StoreError) -> Int64 {
        try await call("GET", "/clock").value(RemoteForm.Clock.self).now
    }

    /// See `Store.close`.
    public func close() async {
        client.withLock { $0 = nil }
        if case .renewed(let token) = source { await token.close() }
    }
}
