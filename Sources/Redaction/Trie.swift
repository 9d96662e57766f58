/// The common beginnings of many byte strings, one state for each.
///
/// States are numbered by depth, so that the children of a state are neighbours.
struct Trie: Sendable {
    /// The byte on the way into each state.
    private(set) var labels: [UInt8] = [0]
    /// How many bytes lead to each state.
    private(set) var depth: [Int32] = [0]
    /// Whether a string ends in each state.
    private(set) var isEnd: [Bool] = [false]
    /// The first child of each state; the last one stands before the first child of the next state.
    private var firstChild: [Int32] = []

    /// Builds level by level: the strings that share a state's beginning are neighbours in sorted order.
    init(sorted strings: [[UInt8]]) {
        var ranges = [0..<strings.count]
        var state = 0
        while state < ranges.count {
            firstChild.append(Int32(labels.count))
            var rest = ranges[state]
            let length = Int(depth[state])
            while let first = rest.first {
                guard strings[first].count > length else {
                    isEnd[state] = true
                    rest.removeFirst()
                    continue
                }
                let byte = strings[first][length]
                let end = rest.first { strings[$0][length] != byte } ?? rest.upperBound
                ranges.append(first..<end)
                labels.append(byte)
                depth.append(Int32(length + 1))
                isEnd.append(false)
                rest = end..<rest.upperBound
            }
            state += 1
        }
        firstChild.append(Int32(labels.count))
    }

    var count: Int { labels.count }

    func children(of state: Int) -> Range<Int> {
        Int(firstChild[state])..<Int(firstChild[state + 1])
    }

    func child(of state: Int, by byte: UInt8) -> Int? {
        children(of: state).first { labels[$0] == byte }
    }
}
