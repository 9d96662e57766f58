/// Goes back through the releases of an environment, newest first, and finds where a rollback leads.
public struct RollbackSearch: Sendable {
    private let left: Release?
    private let wanted: String?
    /// A release that a rollback brought back, and that was not passed yet: all that is newer was left behind by a rollback already.
    private var restored: ReleaseID?

    /// Begins before the newest release.
    ///
    /// - Parameters:
    ///   - left: what the rollback leaves behind; nil when nothing runs.
    ///   - wanted: a release id, or the beginning of a commit; nil for any release that differs from what is left behind, and from what
    ///     the rollbacks that led there left behind.
    public init(leaving left: Release?, to wanted: String? = nil) {
        self.left = left
        self.wanted = wanted
        restored = wanted == nil ? left?.restores : nil
    }

    /// Whether the rollback may lead to the release before the last one taken.
    public mutating func take(_ entry: EnvironmentState.Entry) -> Bool {
        if let restored {
            if entry.release.id == restored { self.restored = entry.release.restores }
            return false
        }
        guard entry.isGood == true else { return false }
        guard let wanted else { return left.map { !entry.release.change.runsTheSame(as: $0.change) } ?? true }
        return entry.release.id == wanted || entry.release.source.commit.hasPrefix(wanted)
    }
}
