public import Pipeline

/// How far and how eagerly a run is driven.
public struct DriveTerms: Sendable {
    /// How many stages may be under way at once.
    public var jobs: Int
    /// What may be done of the run.
    public var scope: DriveScope
    /// How long to wait for an environment that somebody else is changing; nil for not at all.
    public var patience: TimeSpan?

    /// Terms.
    public init(jobs: Int, scope: DriveScope = .whole, patience: TimeSpan? = nil) {
        self.jobs = jobs
        self.scope = scope
        self.patience = patience
    }
}
