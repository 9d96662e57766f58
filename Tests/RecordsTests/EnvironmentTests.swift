import CanonicalJSON
import Hashing
import Journal
import Pipeline
import Records
import Services
import Testing

@Suite struct EnvironmentTests {
    private let staging = JournalName(.environment, "staging")

    /// Appends the events one by one, as deploys and verifications do.
    private func append(_ events: [EnvironmentEvent], to ledger: Ledger) async throws {
        for event in events {
            let record = try await ledger.environment("staging")
            try await ledger.append(EnvironmentAppend(record, [Stamped(event, at: 1, by: "test")]))
        }
    }

    /// Releases that are all different and all verified, in one append.
    private func releases(_ numbers: Range<Int>) throws -> [Stamped<EnvironmentEvent>] {
        try numbers.flatMap { number -> [EnvironmentEvent] in
            [.released(try release("r\(number)", image: "\(number)")), .verified("r\(number)", run: "r\(number)")]
        }.map { Stamped($0, at: 1, by: "test") }
    }

    @Test func `what is asked of an environment costs the same after three releases and after two thousand`() async throws {
        var costs: [[Int]] = []
        for count in [3, 2000] {
            try await withFileLedger { plain in
                let store = CountingStore(plain.store)
                let ledger = Ledger(store)
                try await ledger.append(EnvironmentAppend(EnvironmentRecord("staging"), try releases(0..<count)))
                costs.append([
                    try await store.cost {
                        let record = try await ledger.environment("staging")
                        #expect(record.state.count == count && record.position == Int64(count * 2))
                        #expect(try await ledger.lastGood(of: record)?.id == "r\(count - 1)")
                    },
                    try await store.cost {
                        let record = try await ledger.environment("staging")
                        #expect(
                            try await ledger.rollbackTarget(of: record, leaving: record.state.current?.release)?.id
                                == "r\(count - 2)")
                    },
                    try await store.cost {
                        let page = try await ledger.releases(of: try await ledger.environment("staging"), limit: 3)
                        #expect(page?.map(\.release.id) == (1...3).map { "r\(count - $0)" })
                        #expect(page?.map(\.isGood) == [true, true, true])
                    },
                ])
            }
        }
        #expect(costs[0][0] == 1 && costs[1][0] == 1, "the head alone: \(costs)")
        #expect(costs[1].allSatisfy { $0 <= 33 }, "a first page at most: \(costs)")
    }

    @Test func `releases are found page by page, however far back they are`() async throws {
        try await withFileLedger { ledger in
            try await ledger.append(EnvironmentAppend(EnvironmentRecord("staging"), try releases(0..<1500)))
            let record = try await ledger.environment("staging")
            var found: [ReleaseID] = []
            while let page = try await ledger.releases(of: record, before: found.last, limit: 400), !page.isEmpty {
                found += page.map(\.release.id)
            }
            #expect(found == (0..<1500).reversed().map { "r\($0)" })
            #expect(try await ledger.releases(of: record, before: "nothing", limit: 1) == nil)
            #expect(try await ledger.rollbackTarget(of: record, leaving: record.state.current?.release, to: "r3")?.id == "r3")
            let first = try release("r0", image: "0")
            #expect(try await ledger.release(of: record) { $0.release.id == "r0" }?.release == first)
        }
    }

    @Test func `what an older shipit appends without a snapshot is folded behind it, and one nobody can read is made again`()
        async throws
    {
        try await withFileLedger { ledger in
            try await append([.released(try release("r1", image: "1")), .verified("r1", run: "r1")], to: ledger)
            let hold = Hold(reason: "by an older shipit", by: "test", at: 2)
            let body = Stamped(EnvironmentEvent.held(hold), at: 2, by: "test").bytes
            _ = try await ledger.store.append([Append(staging, expected: 2, bodies: [body])], under: [])
            #expect(try await ledger.environment("staging").state.hold == hold)
            #expect(try await ledger.audit().isIntact, "a snapshot that is behind is right about where it stands")

            for snapshot in ["{}", "", #"{"position":99,"state":{"count":0,"earlierGood":{"none":{}}},"v":1}"#] {
                let position = try #require(try await ledger.store.head(of: staging)?.position)
                let append = Append(staging, expected: position, bodies: [body], summary: Array(snapshot.utf8))
                _ = try await ledger.store.append([append], under: [])
                let record = try await ledger.environment("staging")
                #expect(record.position == position + 1 && record.state.hold == hold && record.state.count == 1)
                #expect(try await ledger.audit().faults.map(\.code) == [.summary])
                try await self.append([.unheld(by: "test", reason: "mended")], to: ledger)
                #expect(try await ledger.audit().isIntact)
                #expect(try await ledger.environment("staging").state.hold == nil)
            }
        }
    }

    @Test func `the audit finds a snapshot that lifts a hold, also behind its journal`() async throws {
        try await withFileLedger { ledger in
            try await append([.held(Hold(reason: "until Monday", by: "test", at: 1))], to: ledger)
            let whole = try #require(try await ledger.store.head(of: staging)?.summary)
            let forged = String(decoding: whole, as: UTF8.self).replacing(#""hold""#, with: #""cold""#)
            #expect(Array(forged.utf8) != whole)
            let body = Stamped(EnvironmentEvent.held(Hold(reason: "again", by: "test", at: 1)), at: 2, by: "test").bytes
            let append = Append(staging, expected: 1, bodies: [body], summary: Array(forged.utf8))
            _ = try await ledger.store.append([append], under: [])
            let report = try await ledger.audit()
            #expect(report.faults.map(\.code) == [.summary] && report.faults.map(\.journal) == [staging], "\(report.faults)")
        }
    }

    @Test func `a late verdict on an earlier release is looked up in the journal`() async throws {
        try await withFileLedger { ledger in
            try await append(
                [
                    .released(try release("r1", image: "1")), .verified("r1", run: "r1"),
                    .released(try release("r2", image: "2")),
                    .verified("r2", run: "r2"), .released(try release("r3", image: "3")),
                ], to: ledger)
            func lastGood() async throws -> ReleaseID? {
                try await ledger.lastGood(of: try await ledger.environment("staging"))?.id
            }
            #expect(try await lastGood() == "r2")
            try await append([.refuted("r2", run: "r2")], to: ledger)
            #expect(try await lastGood() == "r1")
            try await append([.verified("r2", run: "r2")], to: ledger)
            #expect(try await lastGood() == "r2")
            try await append([.verified("r3", run: "r3")], to: ledger)
            #expect(try await lastGood() == "r3")
            #expect(try await ledger.audit().isIntact)
        }
    }

    @Test func `what waits is found among any number of runs, and costs what it gives`() async throws {
        try await withFileLedger { plain in
            let store = CountingStore(plain.store)
            let ledger = Ledger(store)
            let sample = try SampleLedger(ledger)
            try await sample.record("aaaaaaaaa1", commit: "one", at: 1_790_000_000_000, .waiting)
            for number in 2...9 {
                try await sample.record("aaaaaaaaa\(number)", commit: "\(number)", at: 1_790_000_000_000, .failed("build-api"))
            }
            let cost = try await store.cost {
                let found = try await ledger.waitingRuns(limit: 5)
                #expect(found.map(\.id) == ["aaaaaaaaa1"])
            }
            #expect(cost == 1)
            var writer = RunWriter(try await ledger.run("aaaaaaaaa1"), in: ledger)
            try writer.add(Stamped(.rejected(stage: "approve-production", reason: "no"), at: 1_790_000_001_000, by: "test"))
            try await writer.save()
            #expect(try await ledger.waitingRuns(limit: 5).isEmpty)
        }
    }

    @Test func `the audit finds a waiting run that no list would show`() async throws {
        try await withFileLedger { ledger in
            try await SampleLedger(ledger).record("aaaaaaaaa1", commit: "one", at: 1_790_000_000_000, .waiting)
            let journal = JournalName(.run, "aaaaaaaaa1")
            let head = try #require(try await ledger.store.head(of: journal))
            #expect(head.isWaiting)
            let end = Stamped(RunEvent.goalExtended(to: ["verify-production"]), at: 1_790_000_000_000, by: "test")
            var record = try await ledger.run("aaaaaaaaa1")
            try record.apply(end)
            let summary = Canonical.bytes(of: RunSummary(record, plan: record.run.plan.sum.hex))
            let append = Append(journal, expected: head.position, bodies: [end.bytes], summary: summary, isWaiting: false)
            _ = try await ledger.store.append([append], under: [])
            #expect(try await ledger.audit().faults.map(\.code) == [.summary])
        }
    }
}
