import Journal
import Pipeline

/// The environment leases of one driver: taken before the first effect, renewed while it works, given up when it is done.
///
/// A lease that is lost ends the work under it: `lost` is called once, and the tasks that need it are cancelled by the Conductor.
actor Leases {
    private let store: any Store
    private let holder: LeaseHolder
    private let isGone: @Sendable (LeaseHolder) -> Bool
    private let lost: @Sendable (_ resource: String) -> Void
    private var held: [EnvironmentName: (lease: Lease, renewal: Task<Void, Never>)] = [:]

    /// How long a lease lives without renewal.
    ///
    /// Renewed three times in that span, so that two renewals may fail.
    static let lifetime = Duration.seconds(30)

    init(
        store: any Store, holder: LeaseHolder, isGone: @escaping @Sendable (LeaseHolder) -> Bool,
        lost: @escaping @Sendable (_ resource: String) -> Void
    ) {
        self.isGone = isGone
        self.store = store
        self.holder = holder
        self.lost = lost
    }

    /// The leases that are held, for the append that must prove them.
    var all: [Lease] { held.values.map(\.lease) }

    /// Takes the lease, or answers who has it.
    ///
    /// A holder that is proven dead, since it was a process of this machine, is not waited for.
    func take(_ environment: EnvironmentName) async throws(StoreError) -> LeaseAnswer {
        if let mine = held[environment] { return .granted(mine.lease) }
        var answer = try await store.acquire("environment/\(environment)", for: holder, ttl: Self.lifetime)
        if case .held(let lease) = answer, isGone(lease.holder) {
            try await store.release(lease)
            answer = try await store.acquire("environment/\(environment)", for: holder, ttl: Self.lifetime)
        }
        if case .granted(let lease) = answer {
            let renewal = Task { await self.renew(environment) }
            held[environment] = (lease, renewal)
        }
        return answer
    }

    /// Gives up what is held, or only the lease on one environment.
    func release(_ environment: EnvironmentName? = nil) async {
        for (name, entry) in held where environment == nil || environment == name {
            held[name] = nil
            entry.renewal.cancel()
            // A lease that cannot be given up ends by itself.
            try? await store.release(entry.lease)
        }
    }

    private func renew(_ environment: EnvironmentName) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.lifetime / 3)
            guard !Task.isCancelled, let lease = held[environment]?.lease else { return }
            do throws(StoreError) {
                let renewed = try await store.renew(lease, ttl: Self.lifetime)
                held[environment]?.lease = renewed
            } catch {
                // A store that cannot be reached for a moment says nothing about the lease; the next append proves it.
                guard case .leaseLost = error.code else { continue }
                held[environment] = nil
                lost(lease.resource)
                return
            }
        }
    }
}
