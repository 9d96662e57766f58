import Hashing
import Journal
import Testing

@Suite struct ChainTests {
    let journal = JournalName(.run, "r1")

    /// Expected value by another tool: 32 zero bytes, "run/r1", a zero byte, seven zero bytes and a one, "hello", through
    /// `sha256sum`.
    @Test func `hashes exactly the bytes its rule names`() {
        let hash = Chain.hash(journal: journal, position: 1, previous: .zero, body: Array("hello".utf8))
        #expect(hash.hex == "a4dea510576f98ef0d510fb7cfcd473ecb1406c6f97563e3a4174181af6f1ee9")
    }

    @Test func `extends in parts as it does at once`() throws {
        let bodies = (0..<5).map { Array("body \($0)".utf8) }
        let whole = Chain.extend(journal, after: (0, .zero), bodies: bodies)
        let first = Chain.extend(journal, after: (0, .zero), bodies: Array(bodies[..<2]))
        let rest = Chain.extend(journal, after: (2, first[1].hash), bodies: Array(bodies[2...]))
        #expect(whole == first + rest)
        #expect(whole.map(\.position) == [1, 2, 3, 4, 5])
        let end = try Chain.verify(whole, of: journal)
        #expect(end.position == 5 && end.hash == whole[4].hash)
        try Chain.verify(rest, of: journal, after: (2, first[1].hash))
    }

    @Test(arguments: Tampering.allCases)
    func `finds what was done to a stored journal`(tampering: Tampering) throws {
        let bodies = (1...4).map { Array("body \($0)".utf8) }
        let (changed, position, fault) = tampering.applied(to: Chain.extend(journal, after: (0, .zero), bodies: bodies))
        let error = #expect(throws: ChainError.self) { try Chain.verify(changed, of: journal) }
        #expect(error?.position == position)
        #expect(error?.fault == fault)
        #expect(try #require(error).description.contains("run/r1 is not intact at position \(position)"))
    }

    /// Each of 1,000 entries, each of its bytes in turn: position, body, link and hash.
    @Test func `finds every flipped byte at its place`() throws {
        let bodies = (1...1000).map { Array(#"{"at":\#($0),"by":"anna","event":{"resumed":{}},"v":1}"#.utf8) }
        let whole = Chain.extend(journal, after: (0, .zero), bodies: bodies)
        var end: (position: Int64, hash: SHA256Sum) = (0, .zero)
        var flips = 0
        for entry in whole {
            for forged in entry.flips {
                var found: Int64?
                do throws(ChainError) { try Chain.verify([forged], of: journal, after: end) } catch { found = error.position }
                // Expecting each would take longer than all the hashing.
                if found == entry.position {
                    flips += 1
                } else {
                    Issue.record("a flip in entry \(entry.position): \(found ?? 0)")
                }
            }
            end = try Chain.verify([entry], of: journal, after: end)
        }
        #expect(flips == whole.map { 8 + $0.body.count + 64 }.reduce(0, +))
    }

    enum Tampering: CaseIterable {
        case body, hash, dropped, swapped, doubled, foreign, rewritten, headless

        func applied(to whole: [Entry]) -> ([Entry], Int64, ChainError.Fault) {
            var entries = whole
            func replace(_ index: Int, body: String? = nil, hash: SHA256Sum? = nil, journal: JournalName? = nil) {
                let old = entries[index]
                entries[index] = Entry(
                    journal: journal ?? old.journal, position: old.position, body: body.map { Array($0.utf8) } ?? old.body,
                    previous: old.previous, hash: hash ?? old.hash)
            }
            switch self {
            case .body:
                replace(1, body: "other")
                return (entries, 2, .hashDiffers)
            case .hash:
                replace(1, hash: .zero)
                return (entries, 2, .hashDiffers)
            case .dropped:
                entries.remove(at: 1)
                return (entries, 2, .otherPosition(3))
            case .swapped:
                entries.swapAt(1, 2)
                return (entries, 2, .otherPosition(3))
            case .doubled:
                entries.insert(entries[1], at: 2)
                return (entries, 3, .otherPosition(2))
            case .foreign:
                replace(2, journal: JournalName(.run, "r2"))
                return (entries, 3, .otherJournal(JournalName(.run, "r2")))
            case .rewritten:
                // The body and its own hash fit each other, yet the next entry still names the old hash.
                let old = entries[1]
                let body = Array("other".utf8)
                let hash = Chain.hash(journal: old.journal, position: 2, previous: old.previous, body: body)
                replace(1, body: "other", hash: hash)
                return (entries, 3, .previousDiffers)
            case .headless:
                entries.removeFirst()
                return (entries, 1, .otherPosition(2))
            }
        }
    }
}

extension Entry {
    /// The entry with one byte flipped, once for each byte.
    fileprivate var flips: [Entry] {
        func flipped(_ bytes: [UInt8]) -> [[UInt8]] {
            bytes.indices.map { index in
                var other = bytes
                other[index] ^= UInt8(1 + index % 255)
                return other
            }
        }
        func with(_ position: Int64? = nil, _ body: [UInt8]? = nil, _ previous: [UInt8]? = nil, _ hash: [UInt8]? = nil) -> Entry {
            Entry(
                journal: journal, position: position ?? self.position, body: body ?? self.body,
                previous: previous.flatMap { SHA256Sum(bytes: $0) } ?? self.previous,
                hash: hash.flatMap { SHA256Sum(bytes: $0) } ?? self.hash)
        }
        return (0..<8).map { with(position ^ (0x55 << Int64(8 * $0))) } + flipped(body).map { with(nil, $0) }
            + flipped(previous.bytes).map { with(nil, nil, $0) } + flipped(hash.bytes).map { with(nil, nil, nil, $0) }
    }
}
