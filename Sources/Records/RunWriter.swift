import Hashing
public import Journal
public import Pipeline

/// One writer's view of a run: events are taken at once and saved together.
///
/// The run is folded twice, with what is not saved and without it, each in place: a copy would cost as much as the plan is long for
/// every event. Whoever was overtaken by another writer so has to read only what that one wrote, however long the journal is.
public struct RunWriter: Sendable {
    /// The run with everything added, saved or not.
    public private(set) var record: RunRecord
    /// The plan's hash.
    public let plan: String
    private let ledger: Ledger
    private var pending: [Stamped<RunEvent>] = []
    /// The run with what the ledger has of it, as far as we know.
    private var saved: RunRecord

    /// Goes on with a run that the ledger has.
    public init(_ record: RunRecord, in ledger: Ledger) {
        self.record = record
        self.ledger = ledger
        plan = record.run.plan.sum.hex
        saved = record
    }

    /// Takes an event; it is durable only after ``save(environments:under:)``.
    public mutating func add(_ event: Stamped<RunEvent>) throws(RunError) {
        try record.apply(event)
        pending.append(event)
    }

    /// Saves what was added, and events of environments in the same transaction.
    ///
    /// - Returns: what was saved.
    /// - Throws: after which nothing of it is saved and the record holds what is not: ``reload()``, then decide again. `.store` with
    ///   a conflict means that somebody else was first.
    @discardableResult
    public mutating func save(
        environments: [EnvironmentAppend] = [], under leases: [Lease] = []
    ) async throws(LedgerError) -> [Stamped<RunEvent>] {
        guard !pending.isEmpty || !environments.isEmpty else { return [] }
        var batch: [Append] = []
        if !pending.isEmpty {
            batch.append(Append(RunSummary(record, plan: plan), expected: saved.position, bodies: pending.map(\.bytes)))
        }
        for part in environments { batch.append(part.append) }
        try await ledger.write(batch, under: leases)
        let written = pending
        pending = []
        for event in written { try saved.follow(event) }
        return written
    }

    /// Forgets what was not saved and folds what others have written: reads that, and nothing before it.
    ///
    /// - Returns: whether others had written something.
    @discardableResult
    public mutating func reload() async throws(LedgerError) -> Bool {
        let before = saved.position
        guard pending.isEmpty else {
            pending = []
            // What could not be read is read the next time: the record is never ahead of what is saved.
            defer { record = saved }
            return try await ledger.refresh(&saved)
        }
        try await ledger.forEachEvent(of: record.run.id, after: before) { event throws(LedgerError) in
            try saved.follow(event)
            try record.follow(event)
        }
        return saved.position > before
    }
}
