import Synchronization

/// How many requests one caller may send: a bucket of tokens for each, which fills up again at an even rate.
final class Rates: Sendable {
    private struct Bucket {
        var level: Double
        var at: ContinuousClock.Instant
        /// When it was last written down that the caller was refused.
        var noted: ContinuousClock.Instant?
    }

    /// Beyond this many callers, those whose bucket is full again are forgotten.
    private static let kept = 10_000
    /// How often a caller's refusals are written down.
    private static let pause = Duration.seconds(60)

    private let perSecond: Double
    private let burst: Double
    /// Under a lock and in no actor: every request looks here, and none should wait for its turn to run for that.
    private let buckets = Mutex<[String: Bucket]>([:])

    /// So many requests in a second, and five times as many at once; without a bound when it is 0.
    init(perSecond: Int) {
        self.perSecond = Double(perSecond)
        burst = Double(perSecond) * 5
    }

    /// Whether a caller has requests left.
    func has(_ caller: String) -> Bool {
        perSecond == 0 || buckets.withLock { level($0[caller], at: .now) >= 1 }
    }

    /// Whether a caller has none left, and it is written down already: nothing needs to be known of them to refuse them.
    func isSpent(_ caller: String) -> Bool {
        guard perSecond > 0 else { return false }
        let now = ContinuousClock.now
        return buckets.withLock { level($0[caller], at: now) < 1 && isNoted($0[caller], at: now) }
    }

    /// Whether it is to be written down that a caller was refused; not again within a minute.
    func notes(_ caller: String) -> Bool {
        let now = ContinuousClock.now
        return buckets.withLock { buckets in
            guard !isNoted(buckets[caller], at: now) else { return false }
            buckets[caller, default: Bucket(level: burst, at: now)].noted = now
            return true
        }
    }

    /// Takes one request of a caller's; false when none is left.
    func take(_ caller: String) -> Bool {
        guard perSecond > 0 else { return true }
        let now = ContinuousClock.now
        return buckets.withLock { buckets in
            let level = level(buckets[caller], at: now)
            guard level >= 1 else { return false }
            buckets[caller] = Bucket(level: level - 1, at: now, noted: buckets[caller]?.noted)
            if buckets.count > Self.kept {
                buckets = buckets.filter { self.level($0.value, at: now) < burst || isNoted($0.value, at: now) }
            }
            return true
        }
    }

    private func isNoted(_ bucket: Bucket?, at now: ContinuousClock.Instant) -> Bool {
        bucket?.noted.map { now - $0 < Self.pause } ?? false
    }

    private func level(_ bucket: Bucket?, at now: ContinuousClock.Instant) -> Double {
        guard let bucket else { return burst }
        let elapsed = (now - bucket.at).components
        let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        return min(burst, bucket.level + seconds * perSecond)
    }
}
