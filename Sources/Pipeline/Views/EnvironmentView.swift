/// An environment as JSON and pages show it: a projection of its journal.
///
/// Field names are part of the interface.
public struct EnvironmentView: Hashable, Sendable, Codable {
    /// A release in one line.
    public struct ReleaseView: Hashable, Sendable, Codable {
        /// Its id: the run that deployed it.
        public var id: ReleaseID
        /// The commit.
        public var commit: String
        /// `NAME@DIGEST` by service.
        public var images: [ServiceName: String]
        /// The schema version it needs.
        public var schema: String?
        /// Who deployed it.
        public var by: String
        /// When, in milliseconds since 1970.
        public var at: Int64
        /// `good`, `bad`, or `unverified`.
        public var verdict: String
        /// The release it took the environment back to, when it is a rollback.
        public var restores: ReleaseID?
    }

    /// Its name.
    public var name: EnvironmentName
    /// What runs.
    public var current: ReleaseView?
    /// The newest release that passed verification.
    public var lastGood: ReleaseView?
    /// The stop on deploys.
    public var hold: Hold?
    /// What was last seen of changes by hand; nil when nobody has looked since the release and recorded it.
    public var drift: DriftSighting?
    /// Releases so far.
    public var count: Int

    /// Shows an environment, whose newest good release the caller has looked up.
    public init(_ name: EnvironmentName, _ state: EnvironmentState, lastGood: Release?) {
        self.name = name
        current = state.current.map(ReleaseView.init)
        self.lastGood = lastGood.map { ReleaseView(.init(release: $0, isGood: true)) }
        hold = state.hold
        drift = state.drift
        count = state.count
    }
}

extension EnvironmentView {
    /// What is known of a release, as the stable word for machines and people.
    package enum Verdict: String, Sendable, CaseIterable {
        case good, bad, unverified
    }
}

extension EnvironmentView.ReleaseView {
    /// Shows a release.
    public init(_ entry: EnvironmentState.Entry) {
        let release = entry.release
        id = release.id
        commit = release.source.commit
        images = release.change.images
        schema = release.change.schema?.to
        by = release.by
        at = release.at
        verdict = (entry.isGood.map { $0 ? EnvironmentView.Verdict.good : .bad } ?? .unverified).rawValue
        restores = release.restores
    }
}
