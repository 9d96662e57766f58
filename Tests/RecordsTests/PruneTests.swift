import Foundation
import Hashing
import Journal
import Pipeline
import PostgresServer
import Randomness
import Records
import Services
import Testing

@Suite struct PruneTests {
    private let hour: Int64 = 3_600_000
    private let start: Int64 = 1_790_000_000_000

    private func prune(_ ledger: Ledger, before end: Int64, isRehearsal: Bool = false) async throws -> PruneReport {
        try await ledger.prune(before: end, isRehearsal: isRehearsal) { Stamped($0, at: 7, by: "test") }
    }

    private func runs(_ ledger: Ledger) async throws -> Set<RunID> {
        Set(try await ledger.runs(limit: 100).map(\.id))
    }

    /// Records runs of the same few commits, an hour between them, that end in all sorts of ways.
    private func fill(_ ledger: Ledger, _ count: Int, _ random: inout SplitMix) async throws {
        let sample = try SampleLedger(ledger)
        let endings: [SampleLedger.Ending] = [
            .succeeded, .succeeded, .succeeded, .failed("deploy-staging"), .failed("verify-production"), .waiting,
            .running("build-api"),
        ]
        for number in 0..<count {
            let ending = endings[Int.random(in: 0..<endings.count, using: &random)]
            let commit = "\(Int.random(in: 0..<3, using: &random))"
            try await sample.record("run\(100 + number)", commit: commit, at: start + Int64(number) * hour, ending)
        }
    }

    /// What each environment needs, told by all its events and not by what is kept in short.
    private func needed(_ ledger: Ledger) async throws -> Set<RunID> {
        var needed: Set<RunID> = []
        for name in try await ledger.environments() {
            var releases: [EnvironmentState.Entry] = []
            for entry in try await ledger.store.read(JournalName(.environment, name.text), after: 0, limit: 10_000) {
                switch try Stamped<EnvironmentEvent>(bytes: entry.body).event {
                case .released(let release): releases.append(.init(release: release))
                case .verified(let id, _): releases.lastIndex { $0.release.id == id }.map { releases[$0].isGood = true }
                case .refuted(let id, _): releases.lastIndex { $0.release.id == id }.map { releases[$0].isGood = false }
                case .held, .unheld, .sighted: break
                }
            }
            guard let current = releases.last?.release else { continue }
            needed.insert(current.id)
            let good = releases.filter { $0.isGood == true }.map(\.release)
            if let last = good.last { needed.insert(last.id) }
            if let target = good.last(where: { $0.change.images != current.change.images }) { needed.insert(target.id) }
        }
        return needed
    }

    @Test(arguments: UInt64(0)..<8) func `what must be kept is kept, and all else goes`(seed: UInt64) async throws {
        try await withFileLedger { ledger in
            var random = SplitMix(seed: seed)
            try await fill(ledger, 9, &random)
            let end = start + Int64.random(in: 0..<12, using: &random) * hour
            let before = try await ledger.runs(limit: 100)
            let marks = try await ledger.marks()
            let needed = try await needed(ledger)
            let expected = before.filter { $0.updated >= end || $0.status.isOpen || needed.contains($0.id) }.map(\.id)

            let rehearsal = try await prune(ledger, before: end, isRehearsal: true)
            #expect(try await ledger.marks() == marks, "seed \(seed): a rehearsal changes nothing")
            let report = try await prune(ledger, before: end)
            #expect(report.runs == rehearsal.runs && report.kept == rehearsal.kept && report.entries == rehearsal.entries)
            #expect(try await runs(ledger) == Set(expected), "seed \(seed)")
            #expect(report.runs == before.count - expected.count, "seed \(seed)")
            let gone = marks.filter { name, _ in name.kind == .run && !expected.contains(name.name) }
            #expect(report.entries == gone.values.map(\.position).reduce(0, +))
            #expect(try await ledger.prunedRuns() == Set(gone.keys.map(\.name)))
            for (name, mark) in marks where gone[name] == nil { #expect(try await ledger.marks()[name] == mark) }

            let audit = try await ledger.audit(remembering: marks)
            #expect(audit.isIntact, "seed \(seed): \(audit.faults)")
            #expect(audit.pruned == report.runs)
            #expect(try await prune(ledger, before: end).runs == 0, "seed \(seed): once is enough")
        }
    }

    @Test func `says why a run that is old enough is kept`() async throws {
        try await withFileLedger { ledger in
            let sample = try SampleLedger(ledger)
            try await sample.record("run1", commit: "one", at: start, .succeeded)
            try await sample.record("run2", commit: "two", at: start, .succeeded)
            try await sample.record("run3", commit: "three", at: start, .succeeded)
            try await sample.record("run4", commit: "four", at: start, .waiting)
            try await sample.record("run5", commit: "five", at: start, .failed("build-api"))
            try await sample.record("run6", commit: "six", at: start, .running("build-api"))
            try await sample.record("run7", commit: "seven", at: start + 100 * hour, .failed("build-api"))
            let report = try await prune(ledger, before: start + 50 * hour)
            #expect(
                report.kept == [
                    "run2": .needed("production"), "run3": .needed("staging"), "run4": .needed("staging"), "run6": .open,
                ])
            #expect(report.runs == 2 && report.recent == 1)
            #expect(try await runs(ledger) == ["run2", "run3", "run4", "run6", "run7"])
            // What an environment can still go back to by name is in its own journal.
            let staging = try await ledger.environment("staging")
            #expect(try await ledger.rollbackTarget(of: staging, leaving: nil, to: "run1")?.id == "run1")
        }
    }

    @Test func `a run that is not as it was written is not removed`() async throws {
        try await withEmptyTeamLedger { ledger, url in
            let sample = try SampleLedger(ledger)
            for id in ["run1", "run2"] { try await sample.record(id, commit: id, at: start, .failed("build-api")) }
            try await PostgresServer.run(
                "UPDATE shipit.entries SET body = set_byte(body, 9, 65) WHERE name = 'run1' AND position = 2", in: url)
            let report = try await prune(ledger, before: start + 50 * hour)
            #expect(report.kept == ["run1": .damaged] && report.runs == 1)
            #expect(try await ledger.audit().faults.map(\.journal) == [JournalName(.run, "run1")])
        }
    }

    @Test func `a summary that calls an open run ended does not remove it`() async throws {
        try await withEmptyTeamLedger { ledger, url in
            try await SampleLedger(ledger).record("run1", commit: "one", at: start, .running("build-api"))
            try await PostgresServer.run(
                "UPDATE shipit.journals SET summary = convert_to(replace(convert_from(summary, 'UTF8'), 'running', 'failed'), 'UTF8')",
                in: url)
            #expect(try await prune(ledger, before: start + 50 * hour).kept == ["run1": .open])
        }
    }

    /// Three runs that are pruned and one that stays, in a team's ledger; and where their journals ended.
    private func withPruned(
        _ body: (Ledger, [JournalName: Mark], URLComponents) async throws -> Void
    ) async throws {
        try await withEmptyTeamLedger { ledger, url in
            let sample = try SampleLedger(ledger)
            for id in ["run1", "run2", "run3"] { try await sample.record(id, commit: id, at: start, .failed("build-api")) }
            try await sample.record("run4", commit: "four", at: start, .waiting)
            let marks = try await ledger.marks()
            #expect(try await prune(ledger, before: start + 50 * hour).runs == 3)
            #expect(try await ledger.audit(remembering: marks).isIntact)
            try await body(ledger, marks, url)
        }
    }

    @Test func `the audit tells what was pruned from what vanished`() async throws {
        try await withPruned { ledger, marks, url in
            for table in ["entries", "journals"] {
                try await PostgresServer.run("DELETE FROM shipit.\(table) WHERE name = 'run4'", in: url)
            }
            let faults = try await ledger.audit(remembering: marks).faults
            #expect(faults.map(\.journal) == [JournalName(.run, "run4")] && faults.map(\.code) == [.truncated], "\(faults)")
        }
    }

    /// What somebody does who wants a run gone and takes the prune for it, or its record away.
    @Test(arguments: [
        ("DELETE FROM shipit.entries WHERE kind = 'ledger'", AuditReport.Fault.Code.truncated, "ledger/pruned"),
        ("UPDATE shipit.entries SET body = set_byte(body, 60, 65) WHERE kind = 'ledger'", .broken, "ledger/pruned"),
        ("UPDATE shipit.entries SET hash = 'short' WHERE kind = 'ledger'", .broken, "ledger/pruned"),
        (
            "WITH gone AS (DELETE FROM shipit.entries WHERE kind = 'ledger') DELETE FROM shipit.journals WHERE kind = 'ledger'",
            .truncated, "run/run1"
        ),
    ])
    func `the audit finds what was done to the record of removals`(
        sql: String, code: AuditReport.Fault.Code, journal: String
    ) async throws {
        try await withPruned { ledger, marks, url in
            try await PostgresServer.run(sql, in: url)
            let faults = try await ledger.audit(remembering: marks).faults
            #expect(faults.contains { $0.journal.description == journal && $0.code == code }, "\(faults)")
        }
    }

    @Test func `the audit finds a record of removals that does not fit what was remembered`() async throws {
        try await withPruned { ledger, marks, _ in
            let run = JournalName(.run, "run1")
            let end = try #require(marks[run])
            var later = marks
            later[run] = Mark(position: end.position + 1, hash: end.hash)
            #expect(try await ledger.audit(remembering: later).faults.map(\.code) == [.truncated])
            later[run] = Mark(position: end.position, hash: SHA256Sum(of: [1]))
            #expect(try await ledger.audit(remembering: later).faults.map(\.code) == [.replaced])
            later[run] = Mark(position: 1, hash: SHA256Sum(of: [1]))
            #expect(try await ledger.audit(remembering: later).isIntact, "what was pruned may have grown before")
            try await SampleLedger(ledger).record("run1", commit: "another", at: start, .failed("build-api"))
            #expect(try await ledger.audit().faults.map(\.code) == [.replaced], "and it does not come back")
        }
    }

    @Test func `what was pruned is carried into files and other ledgers, and is not brought back from them`() async throws {
        try await withFileLedger { origin in
            var random = SplitMix(seed: 3)
            try await fill(origin, 6, &random)
            let old = Lines()
            _ = try await origin.export(old.write)
            try await withFileLedger { copy in
                _ = try await origin.copy(to: copy)
                let report = try await prune(origin, before: start + 50 * hour)
                #expect(report.runs > 0)
                let new = Lines()
                _ = try await origin.export(new.write)
                try await withFileLedger { fresh in
                    _ = try await fresh.take(new.each)
                    #expect(try await fresh.differences(from: origin) == [])
                    #expect(try await fresh.prunedRuns() == origin.prunedRuns())
                    #expect(try await fresh.audit().isIntact)
                }
                // The copy still has what was pruned: afterwards it has not.
                let before = try await copy.marks()
                _ = try await origin.copy(to: copy)
                #expect(try await copy.differences(from: origin) == [])
                let audit = try await copy.audit(remembering: before)
                #expect(audit.isIntact && audit.pruned == report.runs, "\(audit.faults)")
                // A file from before the prune.
                let again = try await origin.take(old.each)
                #expect(again.new == 0)
                #expect(try await origin.audit().isIntact)
            }
        }
    }

    @Test func `another journal under the name of a pruned one is refused`() async throws {
        try await withFileLedger { origin in
            try await SampleLedger(origin).record("run1", commit: "one", at: start, .failed("build-api"))
            #expect(try await prune(origin, before: start + 50 * hour).runs == 1)
            try await withFileLedger { other in
                try await SampleLedger(other).record("run1", commit: "two", at: start, .failed("build-api"))
                for (from, to) in [(other, origin), (origin, other)] {
                    guard case .damaged(let reason) = await failure({ _ = try await from.copy(to: to) }) else {
                        Issue.record("it was taken")
                        continue
                    }
                    #expect(reason.contains("another one"), "\(reason)")
                }
            }
        }
    }

    @Test func `two that prune at once remove each run once`() async throws {
        try await withFileLedger { ledger in
            let sample = try SampleLedger(ledger)
            for number in 0..<12 { try await sample.record("run\(number)", commit: "one", at: start, .failed("build-api")) }
            async let one = prune(ledger, before: start + 50 * hour)
            async let two = prune(ledger, before: start + 50 * hour)
            let reports = try await [one, two]
            #expect(reports.map(\.runs).reduce(0, +) == 12)
            #expect(try await runs(ledger).isEmpty)
            let audit = try await ledger.audit()
            #expect(audit.isIntact && audit.pruned == 12, "\(audit.faults)")
        }
    }
}
