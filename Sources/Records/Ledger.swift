import CanonicalJSON
import Hashing
public import Journal
public import Pipeline

/// All journals of a project, as typed events: what stands between a store of bytes and the pure folds.
public struct Ledger: Sendable {
    /// Where the journals are.
    public let store: any Store
    static let page = 1000

    /// The ledger in `store`.
    public init(_ store: any Store) {
        self.store = store
    }

    /// The run with this id.
    public func run(_ id: RunID) async throws(LedgerError) -> RunRecord {
        guard let name = JournalName("run/\(id)") else { throw .noSuchRun(id) }
        let first = try await read(name, after: 0, limit: 1)
        guard let entry = first.first else { throw .noSuchRun(id) }
        let stamped: Stamped<RunEvent> = try decode(entry)
        var record: RunRecord
        do throws(RunError) {
            record = try RunRecord(stamped)
        } catch {
            throw .unreadable(name, position: 1, reason: error.reason)
        }
        try await refresh(&record)
        return record
    }

    /// Folds what others have written since.
    ///
    /// - Returns: whether there was anything new.
    @discardableResult
    public func refresh(_ record: inout RunRecord) async throws(LedgerError) -> Bool {
        let before = record.position
        try await forEachEvent(of: record.run.id, after: before) { event throws(LedgerError) in try record.follow(event) }
        return record.position > before
    }

    /// The runs, newest first.
    public func runs(before: RunID? = nil, limit: Int) async throws(LedgerError) -> [RunSummary] {
        try await summaries(
            of: try await wrap { () async throws(StoreError) in
                try await store.heads(of: .run, before: before, limit: limit)
            })
    }

    /// The runs that wait for a person, newest first, found without looking at the others.
    public func waitingRuns(limit: Int) async throws(LedgerError) -> [RunSummary] {
        let heads = try await wrap { () async throws(StoreError) in
            try await store.waiting(of: .run, before: nil, limit: limit)
        }
        return try await summaries(of: heads).filter { !$0.waiting.isEmpty }
    }

    /// The summaries of the runs with these heads, in the same order.
    public func summaries(of heads: [Head]) async throws(LedgerError) -> [RunSummary] {
        var summaries: [RunSummary] = []
        for head in heads {
            guard let bytes = head.summary, let summary = try? Canonical.decode(RunSummary.self, from: bytes) else {
                // A projection that cannot be read is made again from the journal, which is the truth.
                let record = try await run(head.journal.name)
                summaries.append(RunSummary(record, plan: record.run.plan.sum.hex))
                continue
            }
            summaries.append(summary)
        }
        return summaries
    }

    /// The one run whose id is, or begins with, `prefix`.
    public func resolve(_ prefix: String) async throws(LedgerError) -> RunID {
        if let name = JournalName("run/\(prefix)"), try await head(name) != nil { return prefix }
        // Names with this prefix stand together, just before the first name after all of them.
        let found = try await wrap { () async throws(StoreError) in
            try await store.heads(of: .run, before: prefix + "~", limit: 10)
        }
        let candidates = found.map(\.journal.name).filter { $0.hasPrefix(prefix) }
        guard let only = candidates.first, !prefix.isEmpty else { throw .noSuchRun(prefix) }
        guard candidates.count == 1 else { throw .ambiguousRun(prefix, candidates) }
        return only
    }

    /// The environments that have a journal, by name.
    public func environments() async throws(LedgerError) -> [EnvironmentName] {
        let heads = try await wrap { () async throws(StoreError) in
            try await store.heads(of: .environment, before: nil, limit: Self.page)
        }
        return heads.compactMap { EnvironmentName($0.journal.name) }.sorted()
    }

    /// The events of a run after a position, with their positions, oldest first.
    public func events(of id: RunID, after position: Int64, limit: Int) async throws(LedgerError) -> [(
        position: Int64, event: Stamped<RunEvent>
    )] {
        var events: [(position: Int64, event: Stamped<RunEvent>)] = []
        for entry in try await read(JournalName(.run, id), after: position, limit: limit) {
            events.append((entry.position, try decode(entry)))
        }
        return events
    }

    /// The events of a run after a position, oldest first; read page by page.
    func forEachEvent(
        of id: RunID, after position: Int64, _ body: (Stamped<RunEvent>) throws(LedgerError) -> Void
    ) async throws(LedgerError) {
        try await forEachPage(of: JournalName(.run, id), after: position) { entries throws(LedgerError) in
            for entry in entries { try body(try decode(entry)) }
            return true
        }
    }

    func head(_ name: JournalName) async throws(LedgerError) -> Head? {
        try await wrap { () async throws(StoreError) in try await store.head(of: name) }
    }

    func read(_ name: JournalName, after position: Int64, limit: Int) async throws(LedgerError) -> [Entry] {
        try await wrap { () async throws(StoreError) in try await store.read(name, after: position, limit: limit) }
    }

    func decode<Event>(_ entry: Entry, as type: Event.Type = Event.self) throws(LedgerError) -> Stamped<Event> {
        do throws(UnreadableEvent) {
            return try Stamped<Event>(bytes: entry.body)
        } catch {
            throw .unreadable(entry.journal, position: entry.position, reason: error.reason)
        }
    }

    func wrap<Answer>(_ body: () async throws(StoreError) -> Answer) async throws(LedgerError) -> Answer {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw .store(error)
        }
    }
}

extension RunRecord {
    /// Takes the journal's next event; one that cannot follow means that the journal is damaged.
    mutating func follow(_ event: Stamped<RunEvent>) throws(LedgerError) {
        do throws(RunError) {
            try apply(event)
        } catch {
            throw .unreadable(JournalName(.run, run.id), position: position + 1, reason: error.reason)
        }
    }
}
