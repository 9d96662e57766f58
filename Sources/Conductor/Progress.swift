public import Journal
public import Pipeline

/// What a person watching a run is told, as it happens.
public enum Progress: Sendable {
    /// An event was saved; the run as it is after it.
    case event(Stamped<RunEvent>, RunRecord)
    /// The run as it is now: others have written into it, or somebody begins to drive it.
    case reread(RunRecord)
    /// A stage's output, redacted: one line without its end.
    case output(StageName, String)
    /// Something worth knowing that is no event.
    case notice(String)
    /// Somebody else is changing the environment: the drive waits for it until then, in milliseconds since 1970.
    case awaiting(EnvironmentName, Lease, until: Int64)
}

/// How driving a run ended.
public enum DriveEnd: Sendable {
    /// Nothing more can be done now: the run's status says why.
    case rested(RunStatus)
    /// The stages that were asked for are done; others of the run are left to others.
    case performed([StageName])
    /// What was in doubt was looked at, and nothing new was begun.
    case recovered
    /// The approval did not cover what would have been deployed.
    case voided([String])
    /// Somebody else is changing the environment.
    case leased(EnvironmentName, Lease)
    /// Deploys to the environment are stopped.
    case held(EnvironmentName, Hold)
    /// The lease was lost while working; another has taken over.
    case leaseLost(resource: String)
    /// We were told to stop.
    case interrupted

    /// Why the drive ended, in one stable word.
    public var word: String {
        switch self {
        case .rested: "rest"
        case .performed: "performed"
        case .recovered: "recovered"
        case .voided: "voided"
        case .leased: "leased"
        case .held: "held"
        case .leaseLost: "lease-lost"
        case .interrupted: "interrupted"
        }
    }
}
