import CanonicalJSON
import Hashing
public import Journal
public import Pipeline

/// Events for the journal of an environment, with the position of the last event their writer has folded.
public struct EnvironmentAppend: Sendable {
    /// The environment.
    public var environment: EnvironmentName
    /// The position they follow on.
    public var position: Int64
    /// The events.
    public var events: [Stamped<EnvironmentEvent>]

    /// Events that follow on `position`.
    public init(_ environment: EnvironmentName, after position: Int64, _ events: [Stamped<EnvironmentEvent>]) {
        self.environment = environment
        self.position = position
        self.events = events
    }

    var append: Append {
        Append(JournalName(.environment, environment.text), expected: position, bodies: events.map(\.bytes), summary: nil)
    }
}

extension Ledger {
    /// Begins a run's journal.
    public func create(_ first: Stamped<RunEvent>) async throws(LedgerError) -> RunWriter {
        let record: RunRecord
        do throws(RunError) {
            record = try RunRecord(first)
        } catch {
            throw .unreadable(JournalName(.run, "new"), position: 1, reason: error.reason)
        }
        let writer = RunWriter(record, in: self)
        let summary = Canonical.bytes(of: RunSummary(record, plan: writer.plan))
        try await write(
            [Append(JournalName(.run, record.run.id), expected: 0, bodies: [first.bytes], summary: summary)], under: [])
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
