/// The log of one attempt of a stage: what it printed.
public struct LogName: Hashable, Sendable {
    /// The run's id.
    public let run: String
    /// The stage's name.
    public let stage: String
    /// The attempt's number, from 1.
    public let attempt: Int

    /// The log of this attempt.
    public init(run: String, stage: String, attempt: Int) {
        self.run = run
        self.stage = stage
        self.attempt = attempt
    }
}

/// What became of bytes that were to be added to a log.
public enum LogGrowth: Hashable, Sendable {
    /// They are in it, by this call or by the same one before.
    case added
    /// They are not: the log ends here, and not where they belong.
    case ends(at: Int64)
}

/// What stages printed, where all who share a ledger can read it.
///
/// Kept beside the journals and not in them: no state is a fold of it, and no chain of hashes covers it. It goes with its run when that
/// is pruned.
public protocol LogStore: Sendable {
    /// Adds `bytes` to a log if it ends at `offset`.
    ///
    /// The same call may be made again when its answer was lost. Fails where there is no such run, and where the log would be longer
    /// than ``LogLimits/log``.
    ///
    /// - Parameters:
    ///   - bytes: at least one, at most ``LogLimits/piece``.
    ///   - log: which; it begins with its first bytes.
    ///   - offset: where they belong, in bytes; 0 for a log that nobody has begun.
    func append(_ bytes: [UInt8], to log: LogName, at offset: Int64) async throws(StoreError) -> LogGrowth

    /// How many bytes there are of each log of a run, or of one of its stages; none of those that nobody has begun.
    func sizes(ofRun run: String, stage: String?) async throws(StoreError) -> [LogName: Int64]

    /// At most `limit` bytes of a log from `offset` on; none at its end, and of a log that is not there.
    func read(_ log: LogName, from offset: Int64, limit: Int) async throws(StoreError) -> [UInt8]
}

/// How much is kept of what stages print.
public enum LogLimits {
    /// The most that is added at once, in bytes.
    public static let piece = 256 << 10
    /// The longest log, in bytes: longer than what a driver keeps of an attempt, twice.
    public static let log: Int64 = 24 << 20
}
