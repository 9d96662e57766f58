/// Two releases of an environment side by side: what is not the same in them.
///
/// Field names are part of the interface.
public struct ReleaseComparison: Hashable, Sendable, Codable {
    /// Something that a name stands for in one of the releases, or in both.
    public struct Difference: Hashable, Sendable, Codable {
        /// The service or value.
        public var name: String
        /// What it is in the earlier one; nil where it is missing there.
        public var before: String?
        /// What it is in the later one; nil where it is missing there.
        public var after: String?

        fileprivate init(_ found: (key: some CustomStringConvertible, here: String?, there: String?)) {
            (name, before, after) = (found.key.description, found.here, found.there)
        }
    }

    /// A migration between the two.
    public struct Step: Hashable, Sendable, Codable {
        /// Its version.
        public var version: String
        /// Its file, where the ledger knows it.
        public var file: String?
        /// Whether the release before works with the schema after it; nil where only the database knows.
        public var isCompatible: Bool?

        /// A migration, as far as it is known.
        public init(version: String, file: String? = nil, isCompatible: Bool? = nil) {
            self.version = version
            self.file = file
            self.isCompatible = isCompatible
        }
    }

    /// The earlier one; nil where nothing ran.
    public var from: EnvironmentView.ReleaseView?
    /// The later one.
    public var to: EnvironmentView.ReleaseView
    /// Images that differ, by service.
    public var images: [Difference]
    /// Values that differ; secrets stand there as references.
    public var values: [Difference]
    /// Whether the compose file or chart differs.
    public var manifestDiffers: Bool
    /// The migrations between, oldest first.
    public var migrations: [Step]
    /// The releases between, the later of the two among them, newest first.
    public var releases: [EnvironmentView.ReleaseView]
    /// Whether there are more releases between than were looked at, so that migrations may be missing.
    public var isCut: Bool

    /// Compares two releases.
    ///
    /// - Parameters:
    ///   - from: the earlier one; nil where nothing ran.
    ///   - to: the later one.
    ///   - between: the releases after `from` up to `to`, newest first.
    ///   - isCut: whether there are more of them.
    ///   - migrations: what the runs of these releases applied.
    public init(
        from: EnvironmentState.Entry?, to: EnvironmentState.Entry, between: [EnvironmentState.Entry], isCut: Bool,
        migrations: [Step]
    ) {
        let (old, new) = (from?.release.change, to.release.change)
        self.from = from.map(EnvironmentView.ReleaseView.init)
        self.to = EnvironmentView.ReleaseView(to)
        images = (old?.images ?? [:]).differing(from: new.images).map { Difference($0) }
        values = (old?.values ?? [:]).mapValues(\.description).differing(from: new.values.mapValues(\.description))
            .map { Difference($0) }
        manifestDiffers = old?.manifest != new.manifest
        self.migrations = migrations
        releases = between.map(EnvironmentView.ReleaseView.init)
        self.isCut = isCut
    }
}

/// Where a rollback of an environment would lead, as far as the ledger tells.
///
/// The command itself asks the target, the registry and the database too. Field names are part of the interface.
public struct RollbackView: Hashable, Sendable, Codable {
    /// The environment.
    public var environment: EnvironmentName
    /// What runs; nil where nothing does.
    public var current: EnvironmentView.ReleaseView?
    /// What would run; nil where there is no earlier good release that differs.
    public var target: EnvironmentView.ReleaseView?
    /// What is not the same in the two, seen from the release that would run.
    public var comparison: ReleaseComparison?

    /// A rollback from `current`, with a comparison of its target to it where there is a target.
    public init(
        of environment: EnvironmentName, current: EnvironmentView.ReleaseView?, target: EnvironmentView.ReleaseView?,
        comparison: ReleaseComparison?
    ) {
        self.environment = environment
        self.current = current
        self.target = target
        self.comparison = comparison
    }
}
