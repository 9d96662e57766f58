public import Pipeline

/// Writing again after somebody else was first, for as long as that makes sense.
///
/// Where one is too late another was in time, so the journal grows with every try of everybody, and any number of writers come through.
/// What is bounded is the time: it is over for who is never in time, as on a machine that is too far from the ledger.
/// "Full jitter" of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
public struct Rivals {
    private let scribe: Scribe
    private let end: Int64
    private var longest: UInt64 = 1

    /// How long one tries again.
    public static let patience = TimeSpan.minutes(2)
    /// The longest pause between two tries, in milliseconds.
    private static let longestPause: UInt64 = 250

    /// Begins with the first try.
    public init(in scribe: Scribe) {
        self.scribe = scribe
        end = scribe.uptime() + Self.patience.milliseconds
    }

    /// Waits at random, longer from try to try; after the first one not at all.
    ///
    /// - Returns: whether to try again: neither is the time over nor the task cancelled.
    public mutating func letPass() async -> Bool {
        guard !Task.isCancelled, scribe.uptime() < end else { return false }
        let pause = longest > 1 ? Int64(scribe.random() % longest) : 0
        longest = min(2 * longest, Self.longestPause)
        guard pause > 0 else { return true }
        do { try await scribe.sleep(.milliseconds(pause)) } catch { return false }
        return true
    }
}
