import Journal
import Synchronization

/// How often things go wrong: each once in so many calls.
struct Weather: Sendable {
    var crash = 50
    var unreachable = 60
    var slow = 40
    var isFair = false

    static let fair = Weather(isFair: true)
}

/// The ledger as one process reaches it: slowly at times, at times not at all, at times without an answer to what was done.
struct Wire: Store {
    let store: MemoryStore
    let process: Process
    let weather: @Sendable () -> Weather
    /// What others do just before an append.
    var rivals: @Sendable () -> Void = {}

    private var scheduler: Scheduler { process.scheduler }

    /// One call: before it and after it the process may die, the way may be cut, the store may be slow.
    private func call<Answer>(_ body: () throws(StoreError) -> Answer) async throws(StoreError) -> Answer {
        try await way()
        let answer = try body()
        try await way()
        return answer
    }

    private func way() async throws(StoreError) {
        let weather = weather()
        if !weather.isFair {
            if scheduler.once(in: weather.crash) { process.end() }
            if scheduler.once(in: weather.slow) {
                try? await scheduler.sleep(.milliseconds(scheduler.random(in: 100...60_000)))
            }
        }
        try? await scheduler.sleep(.milliseconds(scheduler.random(in: 0...5)))
        do { try await process.gate() } catch { throw StoreError(.unreachable, "The process is gone.") }
        if !weather.isFair, scheduler.once(in: weather.unreachable) {
            throw StoreError(.unreachable, "The ledger does not answer.")
        }
    }

    func append(_ batch: [Append], under leases: [Lease]) async throws(StoreError) -> [Head] {
        try await call { () throws(StoreError) in
            rivals()
            return try store.append(batch, under: leases)
        }
    }

    func read(_ journal: JournalName, after position: Int64, limit: Int) async throws(StoreError) -> [Entry] {
        try await call { store.read(journal, after: position, limit: limit) }
    }

    func head(of journal: JournalName) async throws(StoreError) -> Head? {
        try await call { store.head(of: journal) }
    }

    func heads(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await call { store.heads(of: kind, before: before, limit: limit) }
    }

    func waiting(of kind: JournalName.Kind, before: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await call { store.waiting(of: kind, before: before, limit: limit) }
    }

    func wait(for journal: JournalName, after position: Int64, timeout: Duration) async throws(StoreError) -> Bool {
        let end = scheduler.now + timeout.milliseconds
        while !Task.isCancelled {
            if store.head(of: journal).map({ $0.position > position }) ?? false { return true }
            guard scheduler.now < end else { return false }
            try? await scheduler.sleep(.milliseconds(1000))
        }
        return false
    }

    func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) async throws(StoreError) -> LeaseAnswer {
        try await call { store.acquire(resource, for: holder, ttl: ttl) }
    }

    func renew(_ lease: Lease, ttl: Duration) async throws(StoreError) -> Lease {
        try await call { () throws(StoreError) in try store.renew(lease, ttl: ttl) }
    }

    func release(_ lease: Lease) async throws(StoreError) {
        try await call { store.release(lease) }
    }

    func lease(on resource: String) async throws(StoreError) -> Lease? {
        try await call { store.lease(on: resource) }
    }

    func now() async throws(StoreError) -> Int64 {
        try await call { store.now() }
    }

    func close() async {}
}
