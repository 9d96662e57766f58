import Randomness
import Testing

@testable import Pipeline

@Suite struct GraphTests {
    /// Edges of chance among `count` nodes; with `cyclic` in any direction, else from lower to higher.
    static func randomGraph(_ chance: inout Chance, count: Int, cyclic: Bool) -> [[Int]] {
        let density = Int.random(in: 1...6, using: &chance)
        return (0..<count).map { node in
            (0..<(cyclic ? count : node)).filter { _ in chance.once(in: density + 1) }
        }
    }

    @Test(arguments: 0..<20) func `orders a graph or finds a cycle, as brute force does`(shard: Int) throws {
        for trial in (shard * 100)..<(shard * 100 + 100) {
            var chance = Chance(trial: trial)
            let count = Int.random(in: 0...8, using: &chance)
            let predecessors = Self.randomGraph(&chance, count: count, cyclic: true)
            let reaches = Self.closure(predecessors)
            let isCyclic = (0..<count).contains { reaches[$0][$0] }
            switch Graph.order(count: count, predecessors: predecessors) {
            case .success(let order):
                try #require(!isCyclic && order.sorted() == Array(0..<count), "\(Chance.note(trial))")
                let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
                for node in 0..<count {
                    try #require(
                        predecessors[node].allSatisfy { place[$0, default: count] < place[node, default: 0] },
                        "\(Chance.note(trial))")
                }
            case .failure(let cycle):
                try #require(
                    isCyclic && !cycle.path.isEmpty && Set(cycle.path).count == cycle.path.count, "\(Chance.note(trial))")
                for (node, next) in zip(cycle.path, cycle.path.dropFirst() + cycle.path.prefix(1)) {
                    try #require(predecessors[node].contains(next), "\(Chance.note(trial))")
                }
            }
            for root in 0..<count {
                let ancestors = Graph.ancestors(of: [root], predecessors: predecessors)
                try #require(ancestors == Set((0..<count).filter { $0 == root || reaches[root][$0] }), "\(Chance.note(trial))")
            }
        }
    }

    @Test(arguments: 0..<10) func `finds the heaviest path, as brute force does`(shard: Int) throws {
        for trial in (shard * 50)..<(shard * 50 + 50) {
            var chance = Chance(trial: trial)
            let count = Int.random(in: 1...8, using: &chance)
            let predecessors = Self.randomGraph(&chance, count: count, cyclic: false)
            let weights = (0..<count).map { _ in Int64.random(in: 0...9, using: &chance) }
            let path = Graph.criticalPath(order: Array(0..<count), predecessors: predecessors) { weights[$0] }
            for (node, next) in zip(path, path.dropFirst()) {
                try #require(predecessors[next].contains(node), "\(Chance.note(trial))")
            }
            func heaviest(endingAt node: Int) -> Int64 { weights[node] + (predecessors[node].map(heaviest).max() ?? 0) }
            let best = (0..<count).map(heaviest).max() ?? 0
            try #require(path.reduce(0) { $0 + weights[$1] } == best, "\(Chance.note(trial))")
        }
    }

    @Test func `the path of no nodes is empty`() {
        #expect(Graph.criticalPath(order: [], predecessors: []) { _ in 1 } == [])
    }

    /// `reaches[a][b]`: a waits for b, directly or not (Warshall).
    private static func closure(_ predecessors: [[Int]]) -> [[Bool]] {
        let nodes = predecessors.indices
        var reaches = nodes.map { node in nodes.map { predecessors[node].contains($0) } }
        for middle in nodes {
            for from in nodes where reaches[from][middle] {
                for to in nodes where reaches[middle][to] { reaches[from][to] = true }
            }
        }
        return reaches
    }
}
