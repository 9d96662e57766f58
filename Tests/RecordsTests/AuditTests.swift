import Foundation
import Hashing
import Journal
import Pipeline
import PostgresServer
import Records
import Testing

@Suite struct AuditTests {
    @Test func `a ledger as it was written is whole`() async throws {
        try await withTeamLedger { ledger, _ in
            let report = try await ledger.audit()
            #expect(report.isIntact, "\(report.faults)")
            let marks = try await ledger.marks()
            #expect(report.marks == marks)
            #expect(marks.count == 5, "three runs and two environments: \(marks.keys)")
            #expect(report.entries == marks.values.map(\.position).reduce(0, +))
            let again = try await ledger.audit(remembering: report.marks)
            #expect(again.isIntact, "\(again.faults)")
        }
    }

    /// Runs statements in which `RUN` stands for the journal and `LAST` for its newest position.
    private func tamper(_ sql: String, last: Int64, in url: URLComponents) async throws {
        let statements = sql.replacing("RUN", with: "kind = 'run' AND name = '\(shipped.name)'").replacing(
            "LAST", with: "\(last)")
        for statement in statements.split(separator: ";") { try await PostgresServer.run(String(statement), in: url) }
    }

    /// What somebody does to the tables, and what is found; `LAST` and `RUN` stand for the newest position and the journal.
    @Test(arguments: [
        ("UPDATE shipit.entries SET body = set_byte(body, 9, 65) WHERE RUN AND position = 3", AuditReport.Fault.Code.broken, 3),
        ("UPDATE shipit.entries SET hash = set_byte(hash, 31, 65) WHERE RUN AND position = 4", .broken, 4),
        ("UPDATE shipit.entries SET previous = set_byte(previous, 0, 65) WHERE RUN AND position = 5", .broken, 5),
        ("UPDATE shipit.entries SET hash = 'short' WHERE RUN AND position = 4", .broken, 1),
        ("DELETE FROM shipit.entries WHERE RUN AND position = 3", .broken, 3),
        (
            """
            UPDATE shipit.entries SET position = -position WHERE RUN AND position IN (3, 4);
            UPDATE shipit.entries SET position = 7 + position WHERE RUN AND position < 0
            """, .broken, 3
        ),
        ("DELETE FROM shipit.entries WHERE RUN AND position = LAST", .truncated, 0),
        ("DELETE FROM shipit.entries WHERE RUN", .truncated, 1),
        ("UPDATE shipit.journals SET position = position - 1 WHERE RUN", .replaced, -1),
        ("UPDATE shipit.journals SET hash = set_byte(hash, 3, 65) WHERE RUN", .replaced, 0),
        ("UPDATE shipit.journals SET summary = '{}' WHERE RUN", .summary, 0),
    ])
    func `finds what was done to the tables`(sql: String, code: AuditReport.Fault.Code, position: Int64) async throws {
        try await withTeamLedger { ledger, url in
            let marks = try await ledger.marks()
            let last = try #require(marks[shipped]).position
            try await tamper(sql, last: last, in: url)
            let report = try await ledger.audit()
            #expect(report.faults.map(\.journal) == [shipped], "\(report.faults)")
            #expect(report.faults.map(\.code) == [code], "\(report.faults)")
            #expect(report.faults.map(\.position) == [position > 0 ? position : last + position], "\(report.faults)")
            // The others are not suspected.
            #expect(report.marks == marks.filter { $0.key != shipped })
        }
    }

    /// A snapshot of the journal's beginning says that there was nothing before; any other state there would be believed.
    @Test func `finds a snapshot that was forged at a journal's beginning`() async throws {
        try await withTeamLedger { ledger, url in
            let journal = try #require(try await ledger.marks().keys.first { $0.kind == .environment })
            let hold = #"{"by":"nobody","reason":"forged"}"#
            try await PostgresServer.run(
                """
                UPDATE shipit.journals SET summary = convert_to(jsonb_set(jsonb_set(convert_from(summary, 'UTF8')::jsonb,
                  '{position}', '0'), '{state,hold}', '\(hold)')::text, 'UTF8')
                WHERE kind = 'environment' AND name = '\(journal.name)'
                """, in: url)
            let report = try await ledger.audit()
            #expect(report.faults.map(\.journal) == [journal], "\(report.faults)")
            #expect(report.faults.map(\.code) == [.summary], "\(report.faults)")
        }
    }

    /// A chain that was shortened or written anew in all its parts is whole in itself.
    @Test(arguments: [
        (
            """
            DELETE FROM shipit.entries WHERE RUN AND position = LAST;
            UPDATE shipit.journals SET position = LAST - 1, summary = NULL,
              hash = (SELECT hash FROM shipit.entries WHERE RUN AND position = LAST - 1) WHERE RUN
            """, AuditReport.Fault.Code.truncated, false
        ),
        ("DELETE FROM shipit.entries WHERE RUN; DELETE FROM shipit.journals WHERE RUN", .truncated, true),
    ])
    func `finds what only remembered heads tell`(sql: String, code: AuditReport.Fault.Code, isGone: Bool) async throws {
        try await withTeamLedger { ledger, url in
            let marks = try await ledger.marks()
            let last = try #require(marks[shipped]).position
            try await tamper(sql, last: last, in: url)
            #expect(try await ledger.audit().isIntact)
            let report = try await ledger.audit(remembering: marks)
            #expect(report.faults.map(\.journal) == [shipped], "\(report.faults)")
            #expect(report.faults.map(\.code) == [code], "\(report.faults)")
            #expect(report.faults.map(\.position) == [isGone ? 1 : last], "\(report.faults)")
        }
    }

    @Test func `finds a journal that was written anew`() async throws {
        try await withTeamLedger { ledger, url in
            let marks = try await ledger.marks()
            let staging = JournalName(.environment, "staging")
            for table in ["entries", "journals"] {
                try await PostgresServer.run(
                    "DELETE FROM shipit.\(table) WHERE kind = 'environment' AND name = 'staging'", in: url)
            }
            try await ledger.append(EnvironmentAppend(EnvironmentRecord("staging"), holds(9)))
            let report = try await ledger.audit(remembering: marks)
            let known = try #require(marks[staging]).position
            #expect(report.faults.map(\.code) == [.replaced], "\(report.faults)")
            #expect(report.faults.map(\.position) == [known])
        }
    }

    @Test func `tells an entry it cannot read from one that was changed`() async throws {
        try await withTeamLedger { ledger, _ in
            let newer = Array(#"{"at":1,"by":"x","event":{"teleported":{}},"v":2}"#.utf8)
            let last = try #require(try await ledger.marks()[shipped]).position
            _ = try await ledger.store.append([Append(shipped, expected: last, bodies: [newer])], under: [])
            let report = try await ledger.audit()
            #expect(report.faults.map(\.code) == [.unreadable], "\(report.faults)")
            #expect(report.faults.map(\.position) == [last + 1])
        }
    }

    @Test func `does not suspect a ledger that grows meanwhile`() async throws {
        try await withEmptyTeamLedger { ledger, _ in
            let writer = Task {
                for _ in 0..<150 {
                    try await ledger.append(EnvironmentAppend(try await ledger.environment("staging"), holds(1)))
                }
            }
            var walks = 0
            while try await ledger.environment("staging").position < 150 {
                let report = try await ledger.audit()
                #expect(report.isIntact, "\(report.faults)")
                walks += 1
            }
            try await writer.value
            #expect(walks > 1)
        }
    }
}
