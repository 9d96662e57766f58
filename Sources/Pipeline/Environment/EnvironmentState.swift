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
}

/// The state of an environment: the fold of its journal.
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

    /// The releases, oldest first.
    ///
    /// The last one runs.
    public private(set) var releases: [Entry] = []
    /// The stop on deploys, if there is one.
    public private(set) var hold: Hold?
    private var index: [ReleaseID: Int] = [:]

    /// An environment nothing was ever deployed to.
    public init() {}

    /// What runs.
    public var current: Entry? { releases.last }

    /// The newest release that passed verification.
    public var lastGood: Release? { releases.last { $0.isGood == true }?.release }

    /// Where a rollback leads: the newest good release that differs from what runs, or the one named by commit or release id.
    public func rollbackTarget(to wanted: String? = nil) -> Release? {
        guard let wanted else {
            guard let current else { return nil }
            return releases.last { $0.isGood == true && !$0.release.change.runsTheSame(as: current.release.change) }?.release
        }
        return releases.last { $0.isGood == true && ($0.release.id == wanted || $0.release.source.commit.hasPrefix(wanted)) }?
            .release
    }

    /// The release with this id.
    public func release(_ id: ReleaseID) -> Release? { index[id].map { releases[$0].release } }

    /// Takes the next event.
    public mutating func apply(_ event: EnvironmentEvent) {
        switch event {
        case .released(let release):
            index[release.id] = releases.count
            releases.append(Entry(release: release))
        case .verified(let id, _):
            if let place = index[id] { releases[place].isGood = true }
        case .refuted(let id, _):
            if let place = index[id] { releases[place].isGood = false }
        case .held(let hold):
            self.hold = hold
        case .unheld:
            hold = nil
        }
    }
}
