import HTTPTypes
import Logging
import Pipeline
import Records
import Serving

/// Those who follow runs in this process: at most so many, and one feed for all of a run.
actor Followers {
    /// How many there may be, and how many of them one caller's, how often they are told that the connection lives, and how many events of
    /// a run are kept for them.
    struct Limits: Sendable, Hashable {
        var seats = 2000
        /// Nil for what `Seats` gives to one.
        var share: Int?
        var heartbeat = Duration.seconds(15)
        var kept = 1000
    }

    /// A follower's place, given back when nobody holds it any more, however the connection ends.
    final class Seat: Sendable {
        let feed: RunFeed
        private let leave: @Sendable () -> Void

        init(_ feed: RunFeed, leave: @escaping @Sendable () -> Void) {
            self.feed = feed
            self.leave = leave
        }

        deinit { leave() }
    }

    private let limits: Limits
    private let logger: Logger
    private var feeds: [RunID: (feed: RunFeed, seats: Int)] = [:]
    private var isClosed = false
    private var seats: Seats

    /// How many there are.
    var count: Int { seats.taken }

    init(_ limits: Limits, access: AccessSettings, logger: Logger) {
        self.limits = limits
        self.logger = logger
        seats = Seats(
            limits.seats, share: limits.share ?? Seats.share(of: limits.seats, access), to: "follow runs", retryAfter: 5)
    }

    /// A place among those who follow a run.
    func seat(_ id: RunID, for owner: String, in ledger: Ledger) throws(Problem) -> Seat {
        guard !isClosed else { throw Problem(.serviceUnavailable, "The service is stopping: try again.", retryAfter: 5) }
        try seats.take(for: owner)
        var entry = feeds[id] ?? (RunFeed(id, in: ledger, limits, logger: logger), 0)
        entry.seats += 1
        feeds[id] = entry
        let feed = entry.feed
        return Seat(feed) { [self] in Task { await leave(id, feed, owner) } }
    }

    /// Ends all following: the service is stopping.
    func close() {
        isClosed = true
        for entry in feeds.values { entry.feed.close() }
    }

    private func leave(_ id: RunID, _ feed: RunFeed, _ owner: String) {
        seats.give(of: owner)
        guard var entry = feeds[id], entry.feed === feed else { return }
        entry.seats -= 1
        feeds[id] = entry.seats > 0 ? entry : nil
        if entry.seats == 0 { feed.close() }
    }
}
