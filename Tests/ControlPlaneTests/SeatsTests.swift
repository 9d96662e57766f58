import HTTPTypes
import Logging
import Serving
import Testing

@testable import ControlPlane

struct `Places of which there are only so many` {
    /// Takes a place, and gives the problem where there is none.
    private static func refusal(_ seats: inout Seats, _ owner: String) -> Problem? {
        do throws(Problem) {
            try seats.take(for: owner)
            return nil
        } catch { return error }
    }

    @Test func `go to one caller by a tenth, one at least, and without a bound where requests have none`() {
        #expect(Seats.share(of: 20, AccessSettings()) == 2 && Seats.share(of: 5, AccessSettings()) == 1)
        #expect(Seats.share(of: 20, AccessSettings(rate: 0)) == 20)
    }

    @Test func `are there again for whoever gave one back, and for nobody else in their stead`() {
        var seats = Seats(3, share: 2, to: "wait", retryAfter: 7)
        for owner in ["a", "a", "b"] { #expect(Self.refusal(&seats, owner) == nil) }
        let full = Self.refusal(&seats, "c")
        #expect(full?.status == .serviceUnavailable && full?.retryAfter == 7)
        seats.give(of: "b")
        let greedy = Self.refusal(&seats, "a")
        #expect(greedy?.status == .tooManyRequests && greedy?.retryAfter == 7 && seats.taken == 2)
        seats.give(of: "a")
        #expect(Self.refusal(&seats, "a") == nil && seats.taken == 2)
    }

    @Test func `are none to follow runs in once the service is stopping`() async throws {
        try await withFullAPI { api in
            let followers = Followers(.init(), access: AccessSettings(), logger: Logger(label: "test"))
            await followers.close()
            let problem = await #expect(throws: Problem.self) { _ = try await followers.seat("1a", for: "x", in: api.ledger) }
            #expect(problem?.status == .serviceUnavailable && problem?.retryAfter == 5)
        }
    }
}
