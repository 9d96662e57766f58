import Foundation
import Journal
import Postgres
import PostgresServer
import Testing

/// Where a ledger in PostgreSQL keeps the entries of a run.
@Suite struct PostgresMonthsTests {
    @Test func `a run's entries are where those of its month are, and reading them touches no others`() async throws {
        try await withStore(.postgres) { store, ledger in
            let months = try await months(ledger)
            let runs = months.map { JournalName(.run, RunName.name(at: $0.start, chance: 7)) }
            let others = [JournalName(.environment, "staging"), JournalName(.ledger, "prune"), JournalName(.run, "0000001234")]
            let strangers = [JournalName(.run, "r1"), JournalName(.run, "zzzzzz1234")]
            for journal in runs + others + strangers {
                _ = try await store.append([Append(journal, expected: 0, bodies: [[1], [2]])], under: [])
            }
            for (run, month) in zip(runs, months) { #expect(try await parts(of: run, ledger) == ["entries_\(month.name)"]) }
            for journal in others { #expect(try await parts(of: journal, ledger) == ["entries_base"]) }
            for journal in strangers { #expect(try await parts(of: journal, ledger) == ["entries_rest"]) }

            let plan = try await PostgresServer.run(
                "EXPLAIN SELECT body FROM shipit.entries WHERE kind = $1 AND name = $2 AND position > 0 ORDER BY position LIMIT 9",
                [.text("run"), .text(runs[0].name)], in: ledger.database
            ).rows.compactMap { $0.text(0) }.joined(separator: "\n")
            #expect(plan.matches(of: #/on entries_/#).count == 1, "\(plan)")
        }
    }

    @Test func `what was written before its month had a place moves there, while others go on writing`() async throws {
        try await withLedger(.postgres) { ledger in
            let store = try await ledger.open()
            let months = try await months(ledger)
            for month in months { try await PostgresServer.run("DROP TABLE shipit.entries_\(month.name)", in: ledger.database) }
            let runs = months.map { JournalName(.run, RunName.name(at: $0.start + 86_400_000, chance: 1)) }
            for run in runs { _ = try await store.append([Append(run, expected: 0, bodies: [[1], [2]])], under: []) }
            #expect(try await parts(of: runs[0], ledger) == ["entries_rest"])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { try await ledger.open().close() } }
                for run in runs {
                    group.addTask {
                        for position in 2..<40 {
                            _ = try await store.append([Append(run, expected: Int64(position), bodies: [[3]])], under: [])
                        }
                    }
                }
                try await group.waitForAll()
            }
            for (run, month) in zip(runs, months) {
                #expect(try await parts(of: run, ledger) == ["entries_\(month.name)"])
                #expect(try await store.read(run, after: 0, limit: 100).count == 40)
            }
            try await verifyAll(of: store)
            await store.close()
        }
    }

    @Test func `is used as it is by who may not make places for months`() async throws {
        try await withLedger(.postgres) { ledger in
            try await ledger.open().close()
            let months = try await months(ledger)
            try await PostgresServer.run("DROP TABLE shipit.entries_\(months[1].name)", in: ledger.database)
            try await ledger.withLimitedUser { limited, role in
                try await ledger.letUseTables(role)
                let store = try await limited.open()
                let run = JournalName(.run, RunName.name(at: months[1].start, chance: 1))
                _ = try await store.append([Append(run, expected: 0, bodies: [[1]])], under: [])
                #expect(try await parts(of: run, ledger) == ["entries_rest"])
                await store.close()
            }
        }
    }

    /// This month and those with a place after it: how the place is called, and their first moment in milliseconds since 1970.
    private func months(_ ledger: Ledger) async throws -> [(name: String, start: Int64)] {
        let rows = try await PostgresServer.run(
            """
            SELECT to_char(month, 'YYYY_MM'), (extract(epoch FROM month AT TIME ZONE 'UTC') * 1000)::bigint
            FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC'),
                date_trunc('month', now() AT TIME ZONE 'UTC') + interval '3 months', interval '1 month') AS month ORDER BY month
            """, in: ledger.database
        ).rows
        return try rows.map { (try #require($0.text(0)), try #require($0.integer(1))) }
    }

    /// The parts of the table that hold entries of `journal`.
    private func parts(of journal: JournalName, _ ledger: Ledger) async throws -> [String] {
        try await PostgresServer.run(
            "SELECT DISTINCT relname::text FROM shipit.entries JOIN pg_class ON pg_class.oid = entries.tableoid WHERE kind = $1 AND name = $2",
            [.text(journal.kind.rawValue), .text(journal.name)], in: ledger.database
        ).rows.compactMap { $0.text(0) }
    }
}
