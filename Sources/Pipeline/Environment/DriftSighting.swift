public import Hashing

/// What somebody saw who looked whether an environment's target is still as its release made it.
///
/// Of what differs only the names and a digest are kept: whoever wants to know more looks at the target.
public struct DriftSighting: Hashable, Sendable, Codable {
    /// Something that was changed by hand.
    public struct Object: Hashable, Sendable, Codable {
        /// The cluster's context, or the compose project.
        public var place: String
        /// What it is called there.
        public var name: String
        /// `changed`, `added` or `removed`, as a deploy would have it.
        public var fate: String
        /// The hash of how it differs: another one is another difference.
        public var sum: SHA256Sum

        /// An object that differs.
        public init(place: String, name: String, fate: String, sum: SHA256Sum) {
            self.place = place
            self.name = name
            self.fate = fate
            self.sum = sum
        }
    }

    /// How many objects are kept.
    public static let most = 50
    /// For how long the same sighting is not worth recording again, in milliseconds: an hour.
    private static let fresh: Int64 = 3_600_000

    /// The release that the target had, by its own record.
    public var release: ReleaseID
    /// What differs, at most ``most``; none when all is as the release made it.
    public var objects: [Object]
    /// How many differ in all.
    public var count: Int
    /// Who looked.
    public var by: String
    /// When, in milliseconds since 1970.
    public var at: Int64

    /// A sighting of all objects that differ.
    public init(release: ReleaseID, objects: [Object], by: String, at: Int64) {
        self.release = release
        self.objects = Array(objects.prefix(Self.most))
        count = objects.count
        self.by = by
        self.at = at
    }

    /// Whether it says something that `earlier` did not: something else, or the same much later.
    public func isNews(after earlier: DriftSighting?) -> Bool {
        guard let earlier else { return true }
        return (earlier.release, earlier.count) != (release, count) || earlier.objects != objects || at - earlier.at >= Self.fresh
    }
}
