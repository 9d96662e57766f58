public import Pipeline

/// What two environments run otherwise than each other.
public struct Divergence: Sendable, Encodable {
    /// A migration that is not the same for both.
    public struct MigrationLine: Sendable, Encodable {
        /// The file's name.
        public var file: String
        /// Whether the first has it.
        public var isInFirst: Bool
        /// Whether the second has it; when both have, they have it in different forms.
        public var isInSecond: Bool
        /// Whether the release before works with it.
        public var isCompatible: Bool
    }

    /// Something with a name that each of them has in its own form; nil where it has none.
    public struct Pair: Sendable, Encodable {
        /// The service or the value.
        public var name: String
        /// With the first.
        public var first: String?
        /// With the second.
        public var second: String?
    }

    /// What the ledger says of one of them.
    public struct Side: Sendable, Encodable {
        /// The environment.
        public var environment: EnvironmentName
        /// Where it runs.
        public var target: String
        /// What it runs; nil for nothing.
        public var release: EnvironmentView.ReleaseView?
    }

    /// The one that is named first.
    public var first: Side
    /// The one that it is compared with.
    public var second: Side
    /// The commits that only the first has, newest first, and at most ``mostCommits``.
    public var onlyFirst: [CommitLine] = []
    /// The commits that only the second has.
    public var onlySecond: [CommitLine] = []
    /// Why the commits between are not known; nil when they are.
    public var commitsUnknown: String?
    /// The migrations that are not the same.
    public var migrations: [MigrationLine] = []
    /// Why the migrations are not known; nil when they are.
    public var migrationsUnknown: String?
    /// The images that differ, by service.
    public var images: [Pair] = []
    /// The values that differ; secrets by reference.
    public var values: [Pair] = []
    /// The compose file, or the chart's files and files of values, that differ: `-` is the first's, `+` the second's.
    public var files: [TargetDifference.Object] = []
    /// Why the files are not known; nil when they are.
    public var filesUnknown: String?

    /// How many commits of each are told.
    public static let mostCommits = 200

    /// A comparison of two, of which nothing was compared yet.
    init(_ first: Side, _ second: Side) {
        self.first = first
        self.second = second
    }
}
