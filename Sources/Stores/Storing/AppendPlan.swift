import Hashing
package import Journal

/// What a transaction finds, locked until its end: the leases and heads that its requests name, and the time.
package struct AppendGround: Sendable {
    /// The leases that are there, expired or not, by resource.
    package var leases: [String: Lease] = [:]
    /// The heads that are there.
    package var heads: [JournalName: Head] = [:]
    /// Milliseconds since 1970 by the store's clock, read when all was locked.
    package var now: Int64

    /// Nothing is there yet, at `now`.
    package init(now: Int64) {
        self.now = now
    }
}

/// What becomes of requests that share a transaction: each is judged by itself, on the ground that those before it leave.
///
/// A request that removes journals shares with no other: what is removed is removed before anything is written.
package struct AppendPlan: Sendable {
    /// What each request is answered once the rest is durable.
    package private(set) var outcomes: [GroupCommit.Outcome] = []
    /// The journals to be removed.
    package private(set) var removals: [JournalName] = []
    /// All that is to be written, oldest first.
    package private(set) var entries: [Entry] = []
    /// The heads after that, in the order of their names.
    package var heads: [Head] { changed.values.sorted { $0.journal < $1.journal } }

    private var changed: [JournalName: Head] = [:]

    /// Judges `requests`, one after the other.
    package init(_ requests: [AppendRequest], on ground: AppendGround) {
        for request in requests {
            do throws(StoreError) {
                outcomes.append(.success(try add(request, on: ground)))
            } catch {
                outcomes.append(.failure(error))
            }
        }
    }

    private mutating func add(_ request: AppendRequest, on ground: AppendGround) throws(StoreError) -> [Head] {
        for lease in request.leases {
            let stored = ground.leases[lease.resource]
            guard let stored, stored.covers(lease, at: ground.now) else {
                throw StoreError.leaseLost(lease, heldBy: stored.flatMap { $0.expires > ground.now ? $0 : nil })
            }
        }
        for part in request.batch {
            let position = head(of: part.journal, on: ground)?.position ?? 0
            guard position == part.expected else {
                throw StoreError.conflict(part.journal, expected: part.expected, actual: position)
            }
        }
        for removal in request.removals {
            let head = head(of: removal.journal, on: ground)
            guard let head, head.mark == removal.end else {
                throw StoreError.conflict(removal.journal, expected: removal.end.position, actual: head?.position ?? 0)
            }
        }
        removals += request.removals.map(\.journal)
        return request.batch.map { part in
            let old = head(of: part.journal, on: ground)
            let new = Chain.extend(part.journal, after: (old?.position ?? 0, old?.hash ?? .zero), bodies: part.bodies)
            entries += new
            let head = Head(
                journal: part.journal, position: part.expected + Int64(new.count), hash: new.last?.hash ?? .zero,
                summary: part.summary ?? old?.summary, isWaiting: part.isWaiting ?? old?.isWaiting ?? false, updated: ground.now)
            changed[part.journal] = head
            return head
        }
    }

    private func head(of journal: JournalName, on ground: AppendGround) -> Head? {
        changed[journal] ?? ground.heads[journal]
    }
}
