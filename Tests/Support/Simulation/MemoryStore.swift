import Hashing
import Journal
import Synchronization

/// A ledger in memory that keeps the contract of ``Store`` by a clock of its own: what the simulated processes share.
final class MemoryStore: Sendable {
    fileprivate struct State {
        var entries: [JournalName: [Entry]] = [:]
        var heads: [JournalName: Head] = [:]
        var leases: [String: Lease] = [:]
        var tokens: [String: Int64] = [:]
        var trace = SHA256Sum.zero
    }

    private let state = Mutex(State())
    private let scheduler: Scheduler

    init(scheduler: Scheduler) {
        self.scheduler = scheduler
    }

    func now() -> Int64 { scheduler.now }

    /// A hash of all that was ever written, in its order.
    var trace: SHA256Sum { state.withLock { $0.trace } }

    func append(_ batch: [Append], under leases: [Lease]) throws(StoreError) -> [Head] {
        try state.withLock { (state) throws(StoreError) in
            for lease in leases { try state.prove(lease, at: now()) }
            for part in batch {
                let actual = state.heads[part.journal]?.position ?? 0
                guard actual == part.expected else {
                    throw StoreError(
                        .conflict(part.journal, expected: part.expected, actual: actual), "Somebody else was first.")
                }
                // No simulated command prunes.
                precondition(part.removing.isEmpty)
            }
            return batch.map { part in
                for body in part.bodies { scheduler.tell("\(part.journal) \(String(decoding: body, as: UTF8.self))") }
                return state.write(part, at: now())
            }
        }
    }

    func read(_ journal: JournalName, after position: Int64, limit: Int) -> [Entry] {
        state.withLock { Array(($0.entries[journal] ?? []).dropFirst(Int(position)).prefix(limit)) }
    }

    func head(of journal: JournalName) -> Head? { state.withLock { $0.heads[journal] } }

    func waiting(of kind: JournalName.Kind, before: String?, limit: Int) -> [Head] {
        Array(heads(of: kind, before: before, limit: .max).filter(\.isWaiting).prefix(limit))
    }

    func heads(of kind: JournalName.Kind, before: String?, limit: Int) -> [Head] {
        state.withLock { state in
            let found = state.heads.values.filter { head in
                head.journal.kind == kind && before.map { head.journal.name < $0 } ?? true
            }
            return Array(found.sorted { $0.journal > $1.journal }.prefix(limit))
        }
    }

    func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) -> LeaseAnswer {
        state.withLock { state in
            let time = now()
            let former = state.leases[resource]
            if let lease = former, lease.expires > time {
                guard lease.holder.id == holder.id else { return .held(lease) }
                return .granted(state.keep(lease, until: max(lease.expires, time + ttl.milliseconds)), from: nil)
            }
            let token = (state.tokens[resource] ?? 0) + 1
            state.tokens[resource] = token
            let lease = Lease(
                resource: resource, token: token, holder: holder, acquired: time, expires: time + ttl.milliseconds)
            state.leases[resource] = lease
            scheduler.tell("\(holder.id) takes \(resource) under token \(token)")
            return .granted(lease, from: former?.holder)
        }
    }

    func renew(_ lease: Lease, ttl: Duration) throws(StoreError) -> Lease {
        try state.withLock { (state) throws(StoreError) in
            guard let stored = state.leases[lease.resource], stored.token == lease.token else {
                throw state.lost(lease, at: now())
            }
            let end = now() + ttl.milliseconds
            return state.keep(stored, until: stored.expires == lease.expires ? end : max(stored.expires, end))
        }
    }

    func release(_ lease: Lease) {
        state.withLock { state in
            guard state.leases[lease.resource]?.token == lease.token else { return }
            scheduler.tell("\(lease.holder.id)'s lease on \(lease.resource) is given up")
            state.leases[lease.resource] = nil
        }
    }

    func lease(on resource: String) -> Lease? {
        state.withLock { $0.leases[resource] }.flatMap { $0.expires > now() ? $0 : nil }
    }
}

extension MemoryStore.State {
    fileprivate func prove(_ lease: Lease, at time: Int64) throws(StoreError) {
        guard let stored = leases[lease.resource], stored.token == lease.token, stored.expires > time else {
            throw lost(lease, at: time)
        }
    }

    fileprivate func lost(_ lease: Lease, at time: Int64) -> StoreError {
        let other = leases[lease.resource].flatMap { $0.token != lease.token && $0.expires > time ? $0 : nil }
        return StoreError(.leaseLost(resource: lease.resource, heldBy: other), "The lease on \(lease.resource) is lost.")
    }

    fileprivate mutating func keep(_ lease: Lease, until end: Int64) -> Lease {
        let kept = Lease(
            resource: lease.resource, token: lease.token, holder: lease.holder, acquired: lease.acquired, expires: end)
        leases[lease.resource] = kept
        return kept
    }

    fileprivate mutating func write(_ part: Append, at time: Int64) -> Head {
        let old = heads[part.journal]
        let new = Chain.extend(part.journal, after: (old?.position ?? 0, old?.hash ?? .zero), bodies: part.bodies)
        entries[part.journal, default: []] += new
        let end = new.last.map { ($0.position, $0.hash) } ?? (old?.position ?? 0, old?.hash ?? .zero)
        let head = Head(
            journal: part.journal, position: end.0, hash: end.1, summary: part.summary ?? old?.summary,
            isWaiting: part.isWaiting ?? old?.isWaiting ?? false, updated: time)
        heads[part.journal] = head
        trace = SHA256Sum(of: trace.bytes + head.hash.bytes)
        return head
    }
}
