import Executors
import Journal
import Pipeline

/// The leases of one driver: taken before the first effect, renewed while it works, given up when it is done.
///
/// A lease that is lost ends the work under it: `lost` is called once, and the tasks that need it are cancelled by the Conductor.
actor Leases {
    private struct Held {
        var lease: Lease
        var renewal: Task<Void, Never>
        /// The effects under way that know no fencing, each with the uptime until which it may take.
        var effects: [StageKey: Int64] = [:]
        /// The renewal that was asked for last: one follows on the other, so that an older one never shortens what a newer one said.
        var turn: Task<Result<Lease, StoreError>, Never>?
    }

    /// What came of asking.
    enum Answer: Sendable {
        /// It is ours.
        case ours(Lease)
        /// It is ours from now on: others may have had it before.
        case taken(Lease)
        /// Somebody else's is alive.
        case held(Lease)
    }

    private let store: any Store
    private let holder: LeaseHolder
    private let world: World
    private let executor: any TaskExecutor
    private let lost: @Sendable (_ resource: String) -> Void
    private var held: [String: Held] = [:]
    /// What was given up without an answer.
    private var unanswered: [String: Lease] = [:]

    /// How long a lease lives without renewal.
    ///
    /// Renewed three times in that span, so that two renewals may fail.
    static let lifetime = Duration.seconds(30)
    /// How long after its deadline an effect may still be coming to its end: it is told to, and then it is killed.
    static let margin = TimeSpan.seconds(30)

    init(
        store: any Store, holder: LeaseHolder, world: World, executor: any TaskExecutor,
        lost: @escaping @Sendable (_ resource: String) -> Void
    ) {
        self.store = store
        self.holder = holder
        self.world = world
        self.executor = executor
        self.lost = lost
    }

    /// The leases that are held, for the append that must prove them.
    var all: [Lease] { held.values.map(\.lease) }

    /// The lease on a resource, while it is held.
    func lease(on resource: String) -> Lease? { held[resource]?.lease }

    /// Takes the lease, or answers who has it.
    ///
    /// A holder that is proven dead, since it was a process of this machine, is not waited for.
    func take(_ resource: String) async throws(StoreError) -> Answer {
        if let mine = held[resource] { return .ours(mine.lease) }
        // What was cut off on its way may still arrive, and would free what we are about to take under the same token.
        if let former = unanswered[resource] {
            try await store.release(former)
            unanswered[resource] = nil
        }
        var answer = try await store.acquire(resource, for: holder, ttl: Self.lifetime)
        if case .held(let lease) = answer, lease.holder.isGone(in: world), try await free(lease) {
            answer = try await store.acquire(resource, for: holder, ttl: Self.lifetime)
        }
        switch answer {
        case .held(let lease): return .held(lease)
        case .granted(let lease, _):
            let renewal = Task(executorPreference: executor) { await self.renew(resource) }
            held[resource] = Held(lease: lease, renewal: renewal)
            return .taken(lease)
        }
    }

    /// Gives up what a dead holder has left; false where a store leaves that to others, and the lease has to end by itself.
    private func free(_ lease: Lease) async throws(StoreError) -> Bool {
        do throws(StoreError) { try await store.release(lease) } catch {
            guard case .refused = error.code else { throw error }
            return false
        }
        return true
    }

    /// Takes the lease as soon as nobody else has it.
    ///
    /// - Parameters:
    ///   - pause: how long it is until it is asked for again; a lease that is given up tells nobody, and one that expires cannot.
    ///   - held: told of whoever has it, when the first answer is that somebody does.
    /// - Returns: false when the task was cancelled before.
    func wait(
        for resource: String, asking pause: Duration, held: @Sendable (Lease) async -> Void
    ) async throws(StoreError) -> Bool {
        var isTold = false
        while case .held(let lease) = try await take(resource) {
            if !isTold { await held(lease) }
            isTold = true
            do { try await world.sleep(pause) } catch { return false }
        }
        return true
    }

    /// Does something while nobody else has the lease, waiting for it as `wait` does; nil when the task was cancelled before.
    nonisolated func holding<Answer: Sendable, Failure: Error>(
        _ resource: String, asking pause: Duration, held: @Sendable (Lease) async -> Void,
        failing: (StoreError) -> Failure, _ body: () async throws(Failure) -> Answer
    ) async throws(Failure) -> Answer? {
        do throws(StoreError) {
            guard try await wait(for: resource, asking: pause, held: held) else { return nil }
        } catch {
            throw failing(error)
        }
        let result: Result<Answer, Failure>
        do throws(Failure) { result = .success(try await body()) } catch { result = .failure(error) }
        // Also of a task that was cancelled meanwhile: the next one waits for it.
        await uncancelled { await self.release() }.value
        return try result.get()
    }

    /// Makes the lease outlast an effect that is about to begin, and proves it right before.
    ///
    /// Docker and helm ask for no token: if we die or sleep, one of them goes on alone until its time is over, and so long nobody else
    /// may change what it changes.
    /// - Parameter span: how long the effect may take.
    /// - Returns: the uptime at which its time is over. It counts from the asking: the store may have answered long before we hear it.
    func cover(_ key: StageKey, on resource: String, for span: TimeSpan) async throws(StoreError) -> Int64 {
        let end = world.uptime() + span.milliseconds
        held[resource]?.effects[key] = end
        do throws(StoreError) {
            try await prolong(resource)
            return end
        } catch {
            held[resource]?.effects[key] = nil
            throw error
        }
    }

    /// The effect has ended; the next renewal brings the lease back to its short life.
    func uncover(_ key: StageKey, on resource: String) {
        held[resource]?.effects[key] = nil
    }

    /// Gives up what is held, or only the lease on one resource.
    func release(_ resource: String? = nil) async {
        for (name, entry) in held where resource == nil || resource == name {
            held[name] = nil
            entry.renewal.cancel()
            // A lease that cannot be given up ends by itself.
            do throws(StoreError) { try await store.release(entry.lease) } catch { unanswered[name] = entry.lease }
        }
    }

    private func life(of resource: String) -> Duration {
        guard let last = held[resource]?.effects.values.max() else { return Self.lifetime }
        return max(Self.lifetime, .milliseconds(last - world.uptime()) + Self.margin.duration)
    }

    private func renew(_ resource: String) async {
        while !Task.isCancelled {
            try? await world.sleep(Self.lifetime / 3)
            guard !Task.isCancelled, let token = held[resource]?.lease.token else { return }
            do throws(StoreError) {
                try await prolong(resource)
            } catch {
                // A store that cannot be reached for a moment says nothing about the lease; the next append proves it.
                guard case .leaseLost = error.code else { continue }
                // Given up meanwhile: its end was our own will.
                guard !Task.isCancelled, held[resource]?.lease.token == token else { return }
                // It stays among those that every append must prove, until we give it up: nothing is written any more.
                lost(resource)
                return
            }
        }
    }

    private func prolong(_ resource: String) async throws(StoreError) {
        let before = held[resource]?.turn
        let turn = Task(executorPreference: executor) {
            _ = await before?.value
            return await self.renewed(resource)
        }
        held[resource]?.turn = turn
        let renewed = try await turn.value.get()
        held[resource]?.lease = renewed
    }

    private func renewed(_ resource: String) async -> Result<Lease, StoreError> {
        guard let lease = held[resource]?.lease else {
            return .failure(StoreError(.leaseLost(resource: resource, heldBy: nil), "The lease on \(resource) was given up."))
        }
        do throws(StoreError) {
            return .success(try await store.renew(lease, ttl: life(of: resource)))
        } catch {
            return .failure(error)
        }
    }
}

extension EnvironmentName {
    /// What is leased by whoever changes the environment.
    var resource: String { "environment/\(self)" }
}
