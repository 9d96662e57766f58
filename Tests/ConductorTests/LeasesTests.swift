import Journal
import Testing

@testable import Conductor

/// The leases of a driver, in front of a store that is a double.
@Suite struct LeasesTests {
    /// Somebody has the lease, and giving it up is refused.
    private struct Occupied: RefusingStore {
        let lease: Lease
        let refusal: StoreError

        func acquire(_ resource: String, for holder: LeaseHolder, ttl: Duration) async throws(StoreError) -> LeaseAnswer {
            .held(lease)
        }
    }

    private func taken(when refusal: StoreError) async throws(StoreError) -> Leases.Answer {
        var world = World.real()
        world.isRunning = { _ in .gone }
        world.hasPrograms = { _ in .gone }
        let dead = LeaseHolder(world.driver, user: "anna", part: "start", purpose: "testing")
        let store = Occupied(
            lease: Lease(resource: "environment/production", token: 1, holder: dead, acquired: 1, expires: 2), refusal: refusal)
        let leases = Leases(
            store: store, holder: LeaseHolder(world.driver, user: "bert", part: "start", purpose: "testing"), world: world,
            executor: globalConcurrentExecutor
        ) { _ in }
        return try await leases.take("environment/production")
    }

    @Test func `of a dead process are waited for, where giving them up is left to others`() async throws {
        guard case .held(let lease) = try await taken(when: StoreError(.refused, "It is anna's.")) else {
            Issue.record("the lease was taken")
            return
        }
        #expect(lease.holder.user == "anna")
        let error = await #expect(throws: StoreError.self) { try await taken(when: StoreError(.unreachable, "It is away.")) }
        #expect(error?.code == .unreachable)
    }
}
