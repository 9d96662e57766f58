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
}

extension Ledger {
    /// Begins a run's journal.
    public func create(_ first: Stamped<RunEvent>, plan sum: String) async throws(LedgerError) -> RunRecord {
        let record: RunRecord
        do throws(RunError) {
            record = try RunRecord(first)
        } catch {
            throw .unreadable(JournalName(.run, "new"), position: 1, reason: error.reason)
        }
        let summary = Canonical.bytes(of: RunSummary(record, plan: sum))
        let append = Append(JournalName(.run, record.run.id), expected: 0, bodies: [first.bytes], summary: summary)
        _ = try await wrap { () async throws(StoreError) in try await store.append([append], under: []) }
        return record
    }

    /// Appends to a run, and to environments in the same transaction.
    ///
    /// The record is moved on in place, since a copy would cost as much as the plan is long for every event.
    /// - Throws: after which the record holds what was not written: read it anew with ``run(_:)``. `.store` with a conflict means
    ///   that somebody else was first: decide again, retry.
    public func append(
        _ events: [Stamped<RunEvent>], to record: inout RunRecord, plan sum: String, environments: [EnvironmentAppend] = [],
        under leases: [Lease] = []
    ) async throws(LedgerError) {
        guard !events.isEmpty || !environments.isEmpty else { return }
        let position = record.position
        for event in events {
            do throws(RunError) {
                try record.apply(event)
            } catch {
                throw .unreadable(JournalName(.run, record.run.id), position: record.position + 1, reason: error.reason)
            }
        }
        var batch: [Append] = []
        if !events.isEmpty {
            batch.append(
                Append(
                    JournalName(.run, record.run.id), expected: position, bodies: events.map(\.bytes),
                    summary: Canonical.bytes(of: RunSummary(record, plan: sum))))
        }
        for part in environments {
            batch.append(
                Append(
                    JournalName(.environment, part.environment.text), expected: part.position, bodies: part.events.map(\.bytes),
                    summary: nil))
        }
        _ = try await wrap { () async throws(StoreError) in try await store.append(batch, under: leases) }
    }

    /// Appends to environments only: holds, and what is found out about them outside a run.
    public func append(_ part: EnvironmentAppend, under leases: [Lease] = []) async throws(LedgerError) {
        let append = Append(
            JournalName(.environment, part.environment.text), expected: part.position, bodies: part.events.map(\.bytes),
            summary: nil)
        _ = try await wrap { () async throws(StoreError) in try await store.append([append], under: leases) }
    }
}
