/// Identifies a release: the run that deployed it, and in which environment's journal it stands.
public typealias ReleaseID = String

/// What an environment runs, as one unit.
public struct Release: Hashable, Sendable, Codable {
    /// Its identity within the environment: the id of the run that deployed it.
    public var id: ReleaseID
    /// The Change that made it.
    public var change: Change
    /// The commit.
    public var source: Source
    /// Who deployed it.
    public var by: String
    /// When, in milliseconds since 1970.
    public var at: Int64
    /// When the commit was made, in milliseconds since 1970; nil where uncommitted changes were taken along, or nobody knows.
    public var committed: Int64?
    /// The compose file as it was deployed, so that a rollback brings back exactly this.
    public var manifest: String
    /// The release that it took the environment back to, when it is a rollback.
    public var restores: ReleaseID?

    /// A release.
    public init(
        id: ReleaseID, change: Change, source: Source, by: String, at: Int64, committed: Int64? = nil, manifest: String,
        restores: ReleaseID? = nil
    ) {
        self.id = id
        self.change = change
        self.source = source
        self.by = by
        self.at = at
        self.committed = committed
        self.manifest = manifest
        self.restores = restores
    }
}

/// A lasting stop on deploys to an environment.
public struct Hold: Hashable, Sendable, Codable {
    /// Why.
    public var reason: String
    /// Who set it.
    public var by: String
    /// When, in milliseconds since 1970.
    public var at: Int64

    /// A hold.
    public init(reason: String, by: String, at: Int64) {
        self.reason = reason
        self.by = by
        self.at = at
    }
}
