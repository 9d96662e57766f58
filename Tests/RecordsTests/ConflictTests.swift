import Foundation
import Hashing
import Journal
import Pipeline
import Records
import Services
import Testing

@Suite struct ConflictTests {
    private let id: RunID = "aaaaaaaaa1"

    /// An event that changes nothing: any writer may add it at any time.
    private func word(_ writer: Int = 0) -> Stamped<RunEvent> { Stamped(.goalExtended(to: []), at: 1, by: "writer \(writer)") }

    /// A run with a journal of more than a page, in a ledger that counts what is read of it.
    private func withLongRun(_ body: (Ledger, CountingStore) async throws -> Void) async throws {
        try await withFileLedger { plain in
            let sample = try SampleLedger(plain)
            try await sample.record(id, commit: "one", at: 1_790_000_000_000, .waiting)
            var writer = RunWriter(try await plain.run(id), in: plain)
            for _ in 0..<1500 { try writer.add(word()) }
            try await writer.save()
            let store = CountingStore(plain.store)
            try await body(Ledger(store), store)
        }
    }

    @Test func `whoever is overtaken reads what the other wrote, and nothing before it`() async throws {
        try await withLongRun { ledger, store in
            var writer = RunWriter(try await ledger.run(id), in: ledger)
            var other = RunWriter(try await ledger.run(id), in: ledger)
            // Own entries move on what is saved, so that the next conflict does not read them again.
            try writer.add(word())
            try await writer.save()
            try await other.reload()
            let waiting = try #require(writer.record.run.waitingApprovals.first)
            try other.add(Stamped(.approved(stage: waiting.stage, change: waiting.change.sum, comment: nil), at: 2, by: "other"))
            for _ in 0..<2 { try other.add(word()) }
            try await other.save()

            try writer.add(Stamped(.rejected(stage: waiting.stage, reason: "too late"), at: 3, by: "writer"))
            let refusal = await failure { try await writer.save() }
            #expect(refusal?.isConflict == true)
            var isNew = false
            let cost = try await store.cost { isNew = try await writer.reload() }
            #expect(isNew && cost == 3)
            #expect(writer.record.run.isDone(waiting.stage), "what was not saved is forgotten")

            try writer.add(word())
            try await writer.save()
            #expect(writer.record.position == other.record.position + 1)
            let idle = try await store.cost { isNew = try await other.reload() }
            #expect(isNew && idle == 1, "nor does it take a conflict")
            let (read, known) = (try await ledger.run(id), other.record)
            #expect(read.position == known.position && read.run.states == known.run.states && read.timings == known.timings)
            let quiet = try await store.cost { isNew = try await other.reload() }
            #expect(!isNew && quiet == 0)
        }
    }

    @Test func `twenty writers of one run all come through, and none reads an entry twice`() async throws {
        let (writers, appends) = (20, 25)
        try await withLongRun { ledger, store in
            let start = try await ledger.run(id)
            let cost = try await store.cost {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<writers {
                        group.addTask {
                            var writer = RunWriter(start, in: ledger)
                            for _ in 0..<appends {
                                while true {
                                    try writer.add(word(number))
                                    do throws(LedgerError) {
                                        try await writer.save()
                                        break
                                    } catch {
                                        guard error.isConflict else { throw error }
                                        try await writer.reload()
                                    }
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(cost <= writers * (writers - 1) * appends, "every entry at most once by every other writer")
            let end = try await ledger.run(id)
            #expect(end.position == start.position + Int64(writers * appends))
        }
    }
}
