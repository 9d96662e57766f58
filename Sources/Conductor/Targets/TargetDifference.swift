/// What is another at one place of a target than it would be.
public struct TargetDifference: Hashable, Sendable, Codable {
    /// One object of a cluster, or one service of a compose project.
    public struct Object: Hashable, Sendable, Codable {
        /// What would happen to it.
        public enum Fate: String, Hashable, Sendable, Codable {
            /// It is not there and would be made.
            case added
            /// It is there and would be another.
            case changed
            /// It is there and is no part of what would be.
            case removed
        }

        /// As kubectl names it, such as `deployment.apps/api`; a compose service's own name.
        public var name: String
        /// What would happen to it.
        public var fate: Fate
        /// The lines of a unified diff, Secrets masked.
        ///
        /// Each begins with `-` as it is, with `+` as it would be, or with a space where both are the same; `…` stands for lines that are
        /// left out.
        public var lines: [String]
    }

    /// The cluster's context, or the compose project.
    public var place: String
    /// The objects that would be another; none when all is as it would be.
    public var objects: [Object]
    /// Why the place would not take it, in its own words; nil when it would.
    public var refusal: String?
}
