/// Graph algorithms over nodes `0..<count`, linear in nodes and edges.
enum Graph {
    /// The nodes so ordered that each stands after its predecessors, ties in node order; or a cycle.
    ///
    /// Kahn, "Topological sorting of large networks", CACM 5 (1962). A cycle comes back as a path whose last node precedes its first.
    static func order(count: Int, predecessors: [[Int]]) -> Result<[Int], Cycle> {
        let successors = self.successors(of: predecessors)
        var waiting = predecessors.map(\.count)
        var order: [Int] = []
        order.reserveCapacity(count)
        order.append(contentsOf: (0..<count).filter { waiting[$0] == 0 })
        var next = 0
        while next < order.count {
            for successor in successors[order[next]] {
                waiting[successor] -= 1
                if waiting[successor] == 0 { order.append(successor) }
            }
            next += 1
        }
        guard order.count < count else { return .success(order) }
        return .failure(cycle(among: waiting.map { $0 > 0 }, predecessors: predecessors))
    }

    struct Cycle: Error {
        /// Each node needs the next; the last needs the first.
        var path: [Int]
    }

    /// Edges turned round: for each node, who waits for it.
    static func successors(of predecessors: [[Int]]) -> [[Int]] {
        var successors: [[Int]] = Array(repeating: [], count: predecessors.count)
        for (node, before) in predecessors.enumerated() {
            for predecessor in before { successors[predecessor].append(node) }
        }
        return successors
    }

    /// Every node that `roots` wait for, directly or not, with themselves.
    static func ancestors(of roots: some Sequence<Int>, predecessors: [[Int]]) -> Set<Int> {
        reachable(from: roots, by: predecessors)
    }

    /// Every node reachable over `edges`, with the roots themselves.
    static func reachable(from roots: some Sequence<Int>, by edges: [[Int]]) -> Set<Int> {
        var found = Set(roots)
        var stack = Array(found)
        while let node = stack.popLast() {
            for next in edges[node] where found.insert(next).inserted { stack.append(next) }
        }
        return found
    }

    /// The heaviest path, given nodes in topological order.
    static func criticalPath(order: [Int], predecessors: [[Int]], weight: (Int) -> Int64) -> [Int] {
        var best: [Int64] = Array(repeating: 0, count: predecessors.count)
        var before: [Int?] = Array(repeating: nil, count: predecessors.count)
        var last: Int?
        for node in order {
            let heaviest = predecessors[node].max { best[$0] < best[$1] }
            before[node] = heaviest
            best[node] = weight(node) + (heaviest.map { best[$0] } ?? 0)
            if let known = last, best[known] >= best[node] { continue }
            last = node
        }
        var path: [Int] = []
        while let node = last {
            path.append(node)
            last = before[node]
        }
        return path.reversed()
    }

    /// Every node left over by Kahn has a predecessor left over: walking them must come back to where it was.
    private static func cycle(among isLeft: [Bool], predecessors: [[Int]]) -> Cycle {
        var seenAt: [Int: Int] = [:]
        var path: [Int] = []
        var node = isLeft.firstIndex(of: true)
        while let current = node {
            if let start = seenAt[current] { return Cycle(path: Array(path[start...])) }
            seenAt[current] = path.count
            path.append(current)
            node = predecessors[current].first { isLeft[$0] }
        }
        return Cycle(path: path)
    }
}
