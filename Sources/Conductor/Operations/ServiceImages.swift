public import Pipeline

/// The images of a service that the registry has under the tags of commits.
public struct ServiceImages: Sendable, Encodable {
    /// One of them.
    public struct Entry: Sendable, Encodable {
        /// Its tag: the commit, or one with uncommitted changes that an environment was given.
        public var tag: String
        /// The registry's word for it.
        public var digest: String
        /// Whether `latest` points to the same.
        public var isLatest: Bool
        /// The environments that run it.
        public var running: [EnvironmentName] = []
        /// The environments that would go back to it.
        public var lastGood: [EnvironmentName] = []
        /// The commit's subject; nil where the commit is not in this clone.
        public var subject: String?
        /// When it was committed, in milliseconds since 1970.
        public var committed: Int64?
    }

    /// An environment's image that has no such tag any more.
    public struct Stray: Sendable, Encodable {
        /// Who refers to it.
        public var environment: EnvironmentName
        /// The digest.
        public var digest: String
        /// Whether the environment runs it, or only would go back to it.
        public var isRunning: Bool
        /// Whether the registry still has it, by its digest.
        public var isThere: Bool
    }

    /// The service.
    public var service: ServiceName
    /// `REGISTRY/SERVICE`.
    public var name: String
    /// The digest that `latest` points to.
    public var latest: String?
    /// How many commits have an image.
    public var commits: Int
    /// The newest commits' images, and whatever older one an environment refers to.
    public var images: [Entry]
    /// What environments refer to and no tag does.
    public var strays: [Stray]
}
