/// What an environment's journal tells of deliveries: what was deployed when, what failed, and when that was put right.
///
/// A fold, so that a journal is read once and then only followed.
public struct DeliveryHistory: Hashable, Sendable {
    /// A release as the figures see it; times in milliseconds since 1970.
    public struct Delivery: Hashable, Sendable {
        /// The release, which is also the run that deployed it.
        public var id: ReleaseID
        /// When it began to run.
        public var at: Int64
        /// When its commit was made; nil where nobody knows.
        public var committed: Int64?
        /// Whether it took the environment back to an earlier release.
        public var isRollback: Bool
        /// Whether it failed its verification, or a rollback left it behind.
        public var hasFailed = false
        /// When a release passed verification after it had failed; nil while none has, and for one that did not fail.
        public var restored: Int64?
    }

    /// The releases, oldest first: the newest of those that were folded, up to a bound.
    public private(set) var deliveries: [Delivery] = []
    /// The position of the last event folded.
    public private(set) var position: Int64
    /// When the first event that was folded happened; nil where it is the journal's first, so that nothing older is missing.
    public private(set) var begins: Int64?

    private static let kept = 10_000
    private var isCut: Bool
    /// Where in ``deliveries`` those stand that failed and that nothing has put right yet.
    private var open: [Int] = []

    /// Begins after an event of the journal; at 0, with its first one.
    public init(after position: Int64 = 0) {
        self.position = position
        isCut = position > 0
    }

    /// Takes the journal's next event.
    public mutating func apply(_ stamped: Stamped<EnvironmentEvent>) {
        position += 1
        if isCut, begins == nil { begins = stamped.at }
        switch stamped.event {
        case .released(let release):
            let isRollback = release.restores != nil
            // The release that a rollback leaves behind did not do, whatever its verification said.
            if isRollback, let last = deliveries.indices.last, !deliveries[last].isRollback { fail(last) }
            deliveries.append(Delivery(id: release.id, at: release.at, committed: release.committed, isRollback: isRollback))
            if deliveries.count > Self.kept { forgetOldest(Self.kept / 10) }
        case .verified(let id, _):
            guard let passed = deliveries.lastIndex(where: { $0.id == id }) else { return }
            for index in open where index <= passed { deliveries[index].restored = stamped.at }
            open.removeAll { $0 <= passed }
        case .refuted(let id, _):
            if let index = deliveries.lastIndex(where: { $0.id == id }) { fail(index) }
        case .held, .unheld, .sighted: break
        }
    }

    private mutating func fail(_ index: Int) {
        deliveries[index].hasFailed = true
        deliveries[index].restored = nil
        if !open.contains(index) { open.append(index) }
    }

    private mutating func forgetOldest(_ count: Int) {
        deliveries.removeFirst(count)
        open = open.compactMap { $0 < count ? nil : $0 - count }
        isCut = true
        begins = deliveries.first?.at
    }
}
