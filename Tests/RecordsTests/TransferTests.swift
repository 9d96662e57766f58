import Journal
import Pipeline
import Records
import Testing

@Suite struct TransferTests {
    @Test func `a ledger comes through a file and another store as it was`() async throws {
        try await withFileLedger { origin in
            try await fill(origin)
            // More than a page, so that pages join where they should.
            try await origin.append(EnvironmentAppend(EnvironmentRecord("dr"), holds(2_345)))
            let lines = Lines()
            let written = try await origin.export(lines.write)
            #expect(written.journals == 6 && written.entries == lines.entries)
            try await withEmptyTeamLedger { team, _ in
                let read = try await team.take(lines.each)
                #expect(read.new == written.entries && read.journals == 6)
                #expect(try await team.differences(from: origin) == [])
                #expect(try await team.differences(from: lines.each) == [])
                #expect(try await team.audit().isIntact)
                #expect(try await team.runs(limit: 10) == origin.runs(limit: 10))
                // Once more: everything is there already.
                #expect(try await team.take(lines.each).new == 0)
                try await withFileLedger { back in
                    #expect(try await team.copy(to: back).new == written.entries)
                    #expect(try await back.differences(from: origin) == [])
                    let again = Lines()
                    _ = try await back.export(again.write)
                    #expect(again.bytes == lines.bytes)
                }
            }
        }
    }

    @Test func `an import that was cut off anywhere is known as one, and goes on where it stopped`() async throws {
        try await withFileLedger { origin in
            try await fill(origin)
            let lines = Lines()
            let whole = try await origin.export(lines.write)
            try await withFileLedger { target in
                for count in 0..<lines.bytes.count {
                    let cut = Lines(Array(lines.bytes.prefix(count)))
                    let failure = await failure { _ = try await target.take(cut.each) }
                    guard case .damaged(let reason) = failure else {
                        Issue.record("cut behind line \(count): \(String(describing: failure))")
                        continue
                    }
                    #expect(reason.contains("cut off behind line \(count)"))
                    #expect(try await target.audit().faults.filter { $0.code != .summary } == [])
                }
                let rest = try await target.take(lines.each)
                #expect(rest.entries == whole.entries && rest.new < whole.entries)
                #expect(try await target.differences(from: origin) == [])
            }
        }
    }

    @Test func `what was changed in a file is refused, with its place`() async throws {
        try await withFileLedger { origin in
            try await fill(origin)
            let lines = Lines()
            _ = try await origin.export(lines.write)
            let place = try #require(lines.bytes.firstIndex { String(decoding: $0, as: UTF8.self).contains(#""position":4,"#) })
            let text = String(decoding: lines.bytes[place], as: UTF8.self)
            let forged = Lines(lines.bytes)
            forged.bytes[place] = Array(text.replacing("anna@laptop", with: "eve@laptop").utf8)
            #expect(forged.bytes[place] != lines.bytes[place])
            try await withFileLedger { target in
                let failure = await failure { _ = try await target.take(forged.each) }
                guard case .damaged(let reason) = failure else {
                    Issue.record("\(String(describing: failure))")
                    return
                }
                #expect(reason.contains("is not intact at position 4"), "\(reason)")
            }
        }
    }

    @Test func `a file in which a journal's end is missing puts nothing into another journal`() async throws {
        try await withFileLedger { origin in
            try await fill(origin)
            let lines = Lines()
            _ = try await origin.export(lines.write)
            let end = try #require(lines.bytes.firstIndex { $0.starts(with: Array(#"{"end""#.utf8)) })
            let torn = Lines(lines.bytes)
            torn.bytes.remove(at: end)
            try await withFileLedger { target in
                guard case .damaged(let reason) = await failure({ _ = try await target.take(torn.each) }) else {
                    Issue.record("it was taken")
                    return
                }
                #expect(reason.contains("has no end before"), "\(reason)")
                _ = try await target.take(lines.each)
                #expect(try await target.differences(from: origin) == [])
            }
        }
    }

    @Test(arguments: [
        ("", "line 1 is no line"), ("{}", "line 1 is no line"),
        (#"{"total":{"entries":0,"journals":0}}"#, "line 1 does not begin"),
        (#"{"ledger":{"format":2}}"#, "format 2"),
    ])
    func `what is no export is refused`(line: String, words: String) async throws {
        try await withFileLedger { target in
            let failure = await failure { _ = try await target.take(Lines([Array(line.utf8)]).each) }
            guard case .damaged(let reason) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(reason.contains(words), "\(reason)")
        }
    }

    @Test func `another ledger's journal under the same name is not touched`() async throws {
        try await withFileLedger { one in
            try await withFileLedger { other in
                try await one.append(EnvironmentAppend(EnvironmentRecord("staging"), holds(3)))
                try await other.append(EnvironmentAppend(EnvironmentRecord("staging"), Array(holds(4).dropFirst())))
                let failure = await failure { _ = try await one.copy(to: other) }
                guard case .damaged(let reason) = failure else {
                    Issue.record("\(String(describing: failure))")
                    return
                }
                #expect(reason.contains("environment/staging"), "\(reason)")
                #expect(try await other.marks().values.map(\.position) == [3])
            }
        }
    }

    @Test func `differences are named`() async throws {
        try await withFileLedger { one in
            try await fill(one)
            try await withFileLedger { other in
                _ = try await one.copy(to: other)
                try await one.append(EnvironmentAppend(EnvironmentRecord("dr"), holds(1)))
                let staging = try await other.environment("staging")
                try await other.append(EnvironmentAppend(staging, holds(2)))
                let found = try await other.differences(from: one)
                #expect(
                    found == [
                        "environment/staging has \(staging.position + 2) entries, where there should be \(staging.position)",
                        "environment/dr is missing: it should have 1 entries",
                    ])
                #expect(try await one.differences(from: other).contains("environment/dr should not be there"))
            }
        }
    }
}

/// Lines in memory instead of a file.
final class Lines {
    var bytes: [[UInt8]]

    init(_ bytes: [[UInt8]] = []) {
        self.bytes = bytes
    }

    var entries: Int64 { Int64(bytes.count { $0.starts(with: Array(#"{"entry""#.utf8)) }) }

    func write(_ line: [UInt8]) {
        bytes.append(line.last == UInt8(ascii: "\n") ? line.dropLast() : line)
    }

    func each(_ take: ([UInt8]) async throws(LedgerError) -> Void) async throws(LedgerError) {
        for line in bytes { try await take(line) }
    }
}
