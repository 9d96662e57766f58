import Hashing
import Pipeline
import Records
import Testing

@Suite struct DecisionTests {
    /// Why nothing was recorded.
    private enum Refused: Refusing, Equatable {
        case ledger(LedgerError)
        case objection(Objection.Kind)

        init(_ error: LedgerError) { self = .ledger(error) }
        init(_ objection: Objection) { self = .objection(objection.kind) }
    }

    private let waiting: RunID = "aaaaaaaaa3"
    private let scribe = Scribe(
        actor: "anna", now: { 1_790_009_000_000 }, uptime: { 0 }, random: { 0 }, sleep: { _ in })

    @Test func `what a person decides is recorded once, on what others wrote meanwhile`() async throws {
        try await withFileLedger { ledger in
            try await fill(ledger)
            var writer = RunWriter(try await ledger.run(waiting), in: ledger)
            var other = writer
            try other.add(Stamped(.goalExtended(to: []), at: 1, by: "other"))
            try await other.save()
            var looks = 0
            let event = try await ledger.record(on: &writer, by: scribe) { (record) throws(Refused) in
                looks += 1
                do throws(Objection) { return try record.approval(of: nil, comment: nil) } catch { throw Refused(error) }
            }
            #expect(looks == 2 && event?.by == "anna")
            let read = try await ledger.run(waiting)
            #expect(read.position == writer.record.position && read.run.waitingApprovals.isEmpty)
        }
    }

    @Test func `what does not fit is not recorded, and the words say why`() async throws {
        try await withFileLedger { ledger in
            try await fill(ledger)
            let (shipped, open) = (try await ledger.run("aaaaaaaaa1"), try await ledger.run(waiting))
            let sum = try #require(open.run.waitingApprovals.first).change.sum.hex
            #expect(throws: Objection.self) { try shipped.approval(of: nil, comment: nil) }
            #expect(throws: Objection.self) { try shipped.cancellation(reason: "x") }
            let other = #expect(throws: Objection.self) { try open.rejection(of: String(sum.reversed()), reason: "x") }
            #expect(other?.kind == .otherChange && other?.message.contains(sum.prefix(12)) == true)
            #expect(try open.approval(of: String(sum.prefix(8)), comment: nil) == open.approval(of: sum, comment: nil))
            #expect(try await ledger.run(waiting).position == open.position)
        }
    }

    @Test func `a hold is lifted where there is one`() async throws {
        try await withFileLedger { ledger in
            try await fill(ledger)
            func lift() async throws(Refused) {
                try await ledger.record(on: "staging", by: scribe) { (record) throws(Refused) in
                    do throws(Objection) { return try record.lifting(by: "anna", reason: "done") } catch { throw Refused(error) }
                }
            }
            await #expect(throws: Refused.objection(.unfit)) { try await lift() }
            try await ledger.record(on: "staging", by: scribe) { (_) throws(Refused) in
                .held(Hold(reason: "x", by: "anna", at: 1))
            }
            #expect(try await ledger.environment("staging").state.hold?.by == "anna")
            try await lift()
            #expect(try await ledger.environment("staging").state.hold == nil)
        }
    }
}
