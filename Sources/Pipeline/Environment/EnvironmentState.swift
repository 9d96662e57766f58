/// What happens in the life of an environment; the events of its journal.
public enum EnvironmentEvent: Hashable, Sendable, Codable {
    /// It runs this release now.
    case released(Release)
    /// The release passed verification, in this run.
    case verified(ReleaseID, run: String)
    /// The release failed verification, in this run.
    case refuted(ReleaseID, run: String)
    /// Deploys are stopped.
    case held(Hold)
    /// Deploys are allowed again.
    case unheld(by: String, reason: String)
    /// Somebody looked whether the target is as the release made it.
    case sighted(DriftSighting)
}

/// The state of an environment: the fold of its journal, which takes as much room as two releases whatever the history is.
///
/// Earlier releases are found in the journal, from its end on: see ``ReleaseSearch``.
public struct EnvironmentState: Hashable, Sendable, Codable {
    /// A release and what is known of it.
    public struct Entry: Hashable, Sendable, Codable {
        /// The release.
        public var release: Release
        /// Whether it passed verification; nil while nobody has asked.
        public var isGood: Bool?

        /// A release with a verdict.
        public init(release: Release, isGood: Bool? = nil) {
            self.release = release
            self.isGood = isGood
        }
    }

    /// A newest release that passed verification.
    public enum Good: Hashable, Sendable, Codable {
        /// None did.
        case none
        /// This one.
        case release(Release)
        /// A verdict on an earlier release came late: only the journal tells, until what runs has passed.
        case unknown
    }

    /// How often something was released.
    public private(set) var count = 0
    /// What runs.
    public private(set) var current: Entry?
    /// The newest good release before the one that runs.
    public private(set) var earlierGood = Good.none
    /// The stop on deploys, if there is one.
    public private(set) var hold: Hold?
    /// What was seen last of the release that runs; nil when nobody has looked and recorded it.
    public private(set) var drift: DriftSighting?

    /// An environment nothing was ever deployed to.
    public init() {}

    /// The newest release that passed verification.
    public var lastGood: Good {
        if let current, current.isGood == true { .release(current.release) } else { earlierGood }
    }

    /// Takes the next event.
    public mutating func apply(_ event: EnvironmentEvent) {
        switch event {
        case .released(let release):
            earlierGood = lastGood
            current = Entry(release: release)
            count += 1
            drift = nil
        case .verified(let id, _):
            if id == current?.release.id {
                current?.isGood = true
            } else if count > 1 {
                // It may be newer than the one that counts as the newest, or nobody may know it.
                earlierGood = .unknown
            }
        case .refuted(let id, _):
            if id == current?.release.id {
                current?.isGood = false
            } else if case .release(let release) = earlierGood, release.id == id {
                earlierGood = .unknown
            }
        case .held(let hold):
            self.hold = hold
        case .unheld:
            hold = nil
        case .sighted(let sighting):
            drift = sighting
        }
    }
}

extension EnvironmentState {
    /// What a rollback leaves behind.
    ///
    /// After a switch whose end nobody saw the target does not run what was recorded last, wholly or in part: that is left behind, and
    /// what was recorded last may be where to go. Unless what was cut short is a rollback: then the next one goes the same way.
    /// - Parameter target: the release on the target, the newest where parts of several run; nil when nothing runs.
    public func left(running target: Release?) -> Release? {
        guard let target, target.restores != nil else { return target }
        return current?.release ?? target
    }
}
