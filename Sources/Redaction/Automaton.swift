/// Finds every occurrence of many byte strings in one pass (Aho and Corasick, 1975); immutable, so that many streams share one.
///
/// A state stands for the longest end of the text so far that begins any string. The states of depth 0 and 1, where ordinary text spends
/// its time, have a full row of successors; the others look through their few children and fall back to a shorter end, which is still
/// linear, since each fall is paid for by a rise.
final class Automaton: Sendable {
    private let trie: Trie
    /// The class of each byte value; 0 is any byte that occurs in no string.
    private let classes: [UInt16]
    private let classCount: Int
    /// Successors of the states of depth 0 and 1, one row of ``classCount`` each.
    private let rows: [Int32]
    private let rowCount: Int
    /// The state of the next shorter end, for each state.
    private let fallback: [Int32]
    /// The length of the longest string that ends in each state; 0 if none does.
    private let longestMatch: [Int32]
    /// How many of the last bytes may still become part of a longer match, for each state.
    private let openLength: [Int32]

    init(_ strings: Set<[UInt8]>) {
        let sorted = strings.sorted { $0.lexicographicallyPrecedes($1) }
        let trie = Trie(sorted: sorted)
        var classes = [UInt16](repeating: 0, count: 256)
        var classCount = 1
        for byte in Set(sorted.joined()) {
            classes[Int(byte)] = UInt16(classCount)
            classCount += 1
        }
        let rowCount = trie.children(of: 0).upperBound
        var rows = [Int32](repeating: 0, count: rowCount * classCount)
        for state in 0..<rowCount {
            // What a state of depth 1 does not know leads where it leads from the root.
            for column in 0..<classCount { rows[state * classCount + column] = rows[column] }
            for child in trie.children(of: state) {
                rows[state * classCount + Int(classes[Int(trie.labels[child])])] = Int32(child)
            }
        }

        var fallback = [Int32](repeating: 0, count: trie.count)
        var longestMatch = fallback
        var openLength = fallback
        for state in 0..<trie.count {
            let shorter = Int(fallback[state])
            longestMatch[state] = trie.isEnd[state] ? trie.depth[state] : longestMatch[shorter]
            openLength[state] = trie.children(of: state).isEmpty ? openLength[shorter] : trie.depth[state]
            for child in trie.children(of: state) where state != 0 {
                var candidate = shorter
                while candidate != 0, trie.child(of: candidate, by: trie.labels[child]) == nil {
                    candidate = Int(fallback[candidate])
                }
                fallback[child] = Int32(trie.child(of: candidate, by: trie.labels[child]) ?? 0)
            }
        }
        self.trie = trie
        self.classes = classes
        self.classCount = classCount
        self.rows = rows
        self.rowCount = rowCount
        self.fallback = fallback
        self.longestMatch = longestMatch
        self.openLength = openLength
    }

    /// The state after one more byte; the first one is 0.
    func next(_ state: Int, _ byte: UInt8) -> Int {
        var state = state
        while state >= rowCount {
            if let child = trie.child(of: state, by: byte) { return child }
            state = Int(fallback[state])
        }
        return Int(rows[state * classCount + Int(classes[Int(byte)])])
    }

    /// The length of the longest string that ends here; 0 if none does.
    func longestMatch(_ state: Int) -> Int { Int(longestMatch[state]) }

    /// How many of the last bytes may still become part of a longer match.
    func openLength(_ state: Int) -> Int { Int(openLength[state]) }
}
