import Logging
import Pipeline
import Records
import Serving

/// Those who follow runs in this process: at most so many, and one feed for all of a run.
actor Followers {
    /// How many there may be, how often they are told that the connection lives, and how many events of a run are kept for them.
    struct Limits: Sendable, Hashable {
        var seats = 2000
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

    /// How many there are.
    private(set) var count = 0

    init(_ limits: Limits, logger: Logger) {
        self.limits = limits
        self.logger = logger
    }

    /// A place among those who follow a run; nil when all are taken, or the service is stopping.
    func seat(_ id: RunID, in ledger: Ledger) -> Seat? {
        guard count < limits.seats, !isClosed else { return nil }
        count += 1
        var entry = feeds[id] ?? (RunFeed(id, in: ledger, limits, logger: logger), 0)
        entry.seats += 1
        feeds[id] = entry
        let feed = entry.feed
        return Seat(feed) { [self] in Task { await leave(id, feed) } }
    }

    /// Ends all following: the service is stopping.
    func close() {
        isClosed = true
        for entry in feeds.values { entry.feed.close() }
    }

    private func leave(_ id: RunID, _ feed: RunFeed) {
        count -= 1
        guard var entry = feeds[id], entry.feed === feed else { return }
        entry.seats -= 1
        feeds[id] = entry.seats > 0 ? entry : nil
        if entry.seats == 0 { feed.close() }
    }
}
