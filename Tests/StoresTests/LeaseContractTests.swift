import Journal
import Testing

/// What every store promises about leases.
@Suite struct LeaseContractTests {
    let resource = "environment/production"
    let journal = JournalName(.environment, "production")
    let long = Duration.seconds(60)

    @Test(arguments: StoreKind.allCases)
    func `grants a lease to one holder`(kind: StoreKind) async throws {
        try await withStore(kind) { store, ledger in
            let first = try #require(try await store.acquire(resource, for: .named("a"), ttl: long).granted)
            #expect(first.expires - first.acquired == 60_000)
            #expect(try await store.lease(on: resource) == first)
            #expect(try await store.lease(on: "environment/staging") == nil)
            let other = try await ledger.open()
            #expect(try await other.acquire(resource, for: .named("b"), ttl: long).held == first)
            let again = try #require(try await store.acquire(resource, for: .named("a"), ttl: .seconds(120)).granted)
            #expect(again.token == first.token && again.acquired == first.acquired && again.expires > first.expires)
            await other.close()
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `never gives a token twice`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            var tokens: [Int64] = []
            for round in 0..<6 {
                let holder = LeaseHolder.named("\(round % 2)")
                let lease = try #require(try await store.acquire(resource, for: holder, ttl: long).granted)
                tokens.append(lease.token)
                try await store.release(lease)
                #expect(try await store.lease(on: resource) == nil)
            }
            #expect(zip(tokens, tokens.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `lets exactly one of many in`(kind: StoreKind) async throws {
        try await withStore(kind) { store, ledger in
            let other = try await ledger.open()
            let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for holder in 0..<12 {
                    let store = holder.isMultiple(of: 2) ? store : other
                    group.addTask {
                        try await store.acquire(resource, for: .named("\(holder)"), ttl: long).granted != nil
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(granted == 1)
            await other.close()
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `lets an expired lease be taken over, and refuses its old holder`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let old = try #require(try await store.acquire(resource, for: .named("a"), ttl: .milliseconds(40)).granted)
            let new = try await takeOver(in: store)
            #expect(new.token > old.token)
            #expect(await failure { _ = try await store.renew(old, ttl: long) } == .leaseLost(resource: resource, heldBy: new))
            let append = [Append(journal, expected: 0, bodies: [[1]])]
            #expect(
                await failure { _ = try await store.append(append, under: [old]) } == .leaseLost(resource: resource, heldBy: new))
            // Releasing what is lost must not free the new holder's lease.
            try await store.release(old)
            #expect(try await store.lease(on: resource) == new)
            #expect(try await store.append(append, under: [new]).map(\.position) == [1])
        }
    }

    /// Asks until the lease of the other holder has expired by the store's clock.
    private func takeOver(in store: any Store) async throws -> Lease {
        while true {
            switch try await store.acquire(resource, for: .named("b"), ttl: long) {
            case .granted(let lease, let former):
                #expect(former?.id == "a")
                return lease
            case .held: try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `refuses an append whose lease expired, though nobody took it`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let lease = try #require(try await store.acquire(resource, for: .named("a"), ttl: .milliseconds(20)).granted)
            while try await store.lease(on: resource) != nil { try await Task.sleep(for: .milliseconds(5)) }
            let append = [Append(journal, expected: 0, bodies: [[1]])]
            #expect(
                await failure { _ = try await store.append(append, under: [lease]) }
                    == .leaseLost(resource: resource, heldBy: nil))
            #expect(try await store.head(of: journal) == nil)
            // Nobody acted in between, so that the holder may go on.
            let renewed = try await store.renew(lease, ttl: long)
            #expect(renewed.token == lease.token)
            #expect(try await store.append(append, under: [renewed]).count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `takes, keeps and gives up nothing of another user's, whatever they know of it`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let lease = try #require(try await store.acquire(resource, for: .named("a"), ttl: long).granted)
            let posed = LeaseHolder.named("a", user: "other")
            #expect(try await store.acquire(resource, for: posed, ttl: .seconds(120)).held == lease)
            let forged = Lease(
                resource: resource, token: lease.token, holder: posed, acquired: lease.acquired, expires: lease.expires)
            #expect(
                await failure { _ = try await store.renew(forged, ttl: .seconds(120)) }
                    == .leaseLost(resource: resource, heldBy: lease))
            try await store.release(forged)
            #expect(try await store.lease(on: resource) == lease)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `checks every lease an append names`(kind: StoreKind) async throws {
        try await withStore(kind) { store, _ in
            let good = try #require(try await store.acquire(resource, for: .named("a"), ttl: long).granted)
            let gone = try #require(try await store.acquire("environment/dr", for: .named("a"), ttl: long).granted)
            try await store.release(gone)
            let append = [Append(journal, expected: 0, bodies: [[1]])]
            let code = await failure { _ = try await store.append(append, under: [good, gone]) }
            #expect(code == .leaseLost(resource: "environment/dr", heldBy: nil))
            #expect(await failure { _ = try await store.renew(gone, ttl: long) } == code)
            #expect(try await store.append(append, under: [good]).count == 1)
        }
    }
}
