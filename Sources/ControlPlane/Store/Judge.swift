import HTTPTypes
import Hashing
import Journal
import Pipeline
import Records
import Serving
import Storing

/// Reads what is to be appended before it is: whether its writer may, whether it follows on what is there, and what becomes of the
/// journal with it.
///
/// Projections are made here and not taken from who sends them: a wrong one would lift a hold, or hide what waits.
actor Judge {
    /// Appends that may be made, and the runs as they are afterwards.
    struct Ruling: Sendable {
        fileprivate(set) var batch: [Append] = []
        fileprivate var runs: [Folded] = []
    }

    /// A run as its journal tells it, and its plan's hash, which takes as long as the plan is.
    fileprivate struct Folded: Sendable {
        var record: RunRecord
        let plan: String

        init(_ record: RunRecord) {
            self.record = record
            plan = record.run.plan.sum.hex
        }
    }

    /// How many runs that are written to are remembered; beyond that all are read again.
    private static let kept = 64

    private var runs: [RunID: Folded] = [:]

    /// What may be appended of `batch` in the name of the token's owner: all of it, or the reason why not.
    func rule(on batch: [Append], of token: Token, in ledger: Ledger) async throws -> Ruling {
        let authority = Authority(token)
        var ruling = Ruling()
        for part in batch {
            guard part.removing.isEmpty || part.journal.kind == .ledger else {
                throw Problem(.unprocessableContent, "Journals are removed by what is written to \(JournalName.pruned) alone.")
            }
            switch part.journal.kind {
            case .run:
                let folded = try await fold(part, by: authority, in: ledger)
                ruling.runs.append(folded)
                ruling.batch.append(
                    Append(RunSummary(folded.record, plan: folded.plan), expected: part.expected, bodies: part.bodies))
            case .environment: ruling.batch.append(try await environment(part, by: authority, in: ledger))
            case .ledger: ruling.batch.append(try removal(part, by: authority))
            }
        }
        return ruling
    }

    /// Remembers what was appended.
    func keep(_ ruling: Ruling) {
        if runs.count + ruling.runs.count > Self.kept { runs = [:] }
        for folded in ruling.runs where folded.record.position > runs[folded.record.run.id]?.record.position ?? 0 {
            runs[folded.record.run.id] = folded
        }
    }

    private func fold(_ part: Append, by authority: Authority, in ledger: Ledger) async throws -> Folded {
        var events = try Self.events(part, as: RunEvent.self)[...]
        let id = part.journal.name
        var folded: Folded
        do {
            if part.expected == 0 {
                guard let first = events.popFirst() else { throw Self.unfit(part, "it holds nothing") }
                folded = Folded(try RunRecord(first))
                guard folded.record.run.id == id else { throw Self.unfit(part, "it is about another run") }
                try authority.check(first) { _ in false }
            } else {
                folded = try await run(id, in: ledger, at: part.expected)
            }
            let run = folded.record.run
            for event in events {
                try authority.check(event) { run.stage($0)?.kind.value is Approve }
                try folded.record.apply(event)
            }
        } catch let error as RunError {
            throw Self.unfit(part, error.reason)
        }
        return folded
    }

    private func run(_ id: RunID, in ledger: Ledger, at expected: Int64) async throws -> Folded {
        if let known = runs[id], known.record.position == expected { return known }
        let actual = try await ledger.store.head(of: JournalName(.run, id))?.position ?? 0
        guard actual == expected else { throw StoreError.conflict(JournalName(.run, id), expected: expected, actual: actual) }
        let folded = Folded(try await ledger.run(id))
        guard folded.record.position == expected else {
            throw StoreError.conflict(JournalName(.run, id), expected: expected, actual: folded.record.position)
        }
        return folded
    }

    private func environment(_ part: Append, by authority: Authority, in ledger: Ledger) async throws -> Append {
        let events = try Self.events(part, as: EnvironmentEvent.self)
        guard let name = EnvironmentName(part.journal.name) else { throw Self.unfit(part, "no environment has this name") }
        for event in events { try authority.check(event) }
        let record = try await ledger.environment(name)
        guard record.position == part.expected else {
            throw StoreError.conflict(part.journal, expected: part.expected, actual: record.position)
        }
        var grown = record
        for event in events {
            if case .released(let release) = event.event {
                try await Consent(ledger: ledger).check(release, in: grown, by: authority)
            }
            grown.apply(event.event)
        }
        let summary = EnvironmentAppend(record, events).append.summary
        return Append(part.journal, expected: part.expected, bodies: part.bodies, summary: summary)
    }

    private func removal(_ part: Append, by authority: Authority) throws -> Append {
        guard part.journal == .pruned else { throw Self.unfit(part, "a ledger has no such journal") }
        var told: Set<Removal> = []
        for event in try Self.events(part, as: LedgerEvent.self) {
            try authority.check(event)
            switch event.event {
            case .pruned(let removals): told.formUnion(removals)
            }
        }
        guard part.removing.allSatisfy(told.contains) else { throw Self.unfit(part, "it does not say what it removes") }
        return Append(part.journal, expected: part.expected, bodies: part.bodies, removing: part.removing)
    }

    private static func events<Event>(_ part: Append, as type: Event.Type) throws(Problem) -> [Stamped<Event>] {
        do throws(UnreadableEvent) {
            return try part.bodies.map { (body) throws(UnreadableEvent) in try Stamped<Event>(bytes: body) }
        } catch {
            throw Problem(
                .unprocessableContent,
                "What is to be appended to \(part.journal) is no event that this service knows: it may be older than your shipit."
            )
        }
    }

    private static func unfit(_ part: Append, _ why: String) -> Problem {
        Problem(.unprocessableContent, "What is to be appended to \(part.journal) does not follow there: \(why).")
    }
}
