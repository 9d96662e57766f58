import CanonicalJSON
import Hashing
public import Journal
public import Pipeline

/// Events for the journal of an environment, with what their writer has folded of it.
public struct EnvironmentAppend: Sendable {
    /// The environment as its writer knows it, without the events.
    public var record: EnvironmentRecord
    /// The events.
    public var events: [Stamped<EnvironmentEvent>]

    /// Events that follow on `record`.
    public init(_ record: EnvironmentRecord, _ events: [Stamped<EnvironmentEvent>]) {
        self.record = record
        self.events = events
    }

    /// The part of a transaction that appends them.
    package var append: Append {
        var after = record
        for event in events { after.apply(event.event) }
        return Append(
            JournalName(.environment, record.name.text), expected: record.position, bodies: events.map(\.bytes),
            summary: EnvironmentSnapshot(after).bytes)
    }
}

extension Ledger {
    /// Begins a run's journal.
    public func create(_ first: Stamped<RunEvent>, under leases: [Lease] = []) async throws(LedgerError) -> RunWriter {
        let record: RunRecord
        do throws(RunError) {
            record = try RunRecord(first)
        } catch {
            throw .unreadable(JournalName(.run, "new"), position: 1, reason: error.reason)
        }
        let writer = RunWriter(record, in: self)
        try await write(
            [Append(RunSummary(record, plan: writer.plan), expected: 0, bodies: [first.bytes])], under: leases)
        return writer
    }

    /// Appends to an environment only: a hold, and what is found out about it outside a run.
    public func append(_ part: EnvironmentAppend, under leases: [Lease] = []) async throws(LedgerError) {
        try await write([part.append], under: leases)
    }

    func write(_ batch: [Append], under leases: [Lease]) async throws(LedgerError) {
        _ = try await wrap { () async throws(StoreError) in try await store.append(batch, under: leases) }
    }
}

extension Append {
    /// A run's part of a transaction, after which it can be summed up like this.
    package init(_ summary: RunSummary, expected: Int64, bodies: [[UInt8]]) {
        self.init(
            JournalName(.run, summary.id), expected: expected, bodies: bodies, summary: Canonical.bytes(of: summary),
            isWaiting: !summary.waiting.isEmpty)
    }
}
