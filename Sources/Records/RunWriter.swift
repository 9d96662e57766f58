import Hashing
public import Journal
public import Pipeline

/// One writer's view of a run: events are taken at once and saved together.
///
/// The record is moved on in place, since a copy would cost as much as the plan is long for every event.
public struct RunWriter: Sendable {
    /// The run with everything added, saved or not.
    public private(set) var record: RunRecord
    /// The plan's hash.
    public let plan: String
    private let ledger: Ledger
    private var pending: [Stamped<RunEvent>] = []
    private var saved: Int64

    /// Goes on with a run that the ledger has.
    public init(_ record: RunRecord, in ledger: Ledger) {
        self.record = record
        self.ledger = ledger
        plan = record.run.plan.sum.hex
        saved = record.position
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
            batch.append(Append(RunSummary(record, plan: plan), expected: saved, bodies: pending.map(\.bytes)))
        }
        for part in environments { batch.append(part.append) }
        try await ledger.write(batch, under: leases)
        let written = pending
        saved = record.position
        pending = []
        return written
    }

    /// Forgets what was not saved and folds what others have written.
    ///
    /// - Returns: whether others had written something.
    @discardableResult
    public mutating func reload() async throws(LedgerError) -> Bool {
        if pending.isEmpty {
            let isNew = try await ledger.refresh(&record)
            saved = record.position
            return isNew
        }
        let before = saved
        record = try await ledger.run(record.run.id)
        pending = []
        saved = record.position
        return saved > before
    }
}
