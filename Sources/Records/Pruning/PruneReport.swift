public import Pipeline

/// What a prune removed and what it left, or would.
public struct PruneReport: Sendable {
    /// Why a run that is old enough is kept.
    public enum Reason: Hashable, Sendable {
        /// It can still go on, or somebody must look.
        case open
        /// The environment runs what it released, or could be taken back to that.
        case needed(EnvironmentName)
        /// Its journal is not as it was written: what is wrong with it is to be found first.
        case damaged
    }

    /// The runs that are old enough and are kept.
    public internal(set) var kept: [RunID: Reason] = [:]
    /// How many runs are not old enough.
    public internal(set) var recent = 0
    /// How many runs were removed.
    public internal(set) var runs = 0
    /// How many entries they had.
    public internal(set) var entries: Int64 = 0
}
