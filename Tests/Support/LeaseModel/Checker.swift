/// A system whose states can all be visited.
public protocol Machine {
    /// A state; equal ones are one.
    associatedtype State: Hashable

    /// Where it begins.
    var start: State { get }
    /// What may happen next, each in words.
    func steps(from state: State) -> [(words: String, state: State)]
    /// Which rule is broken; nil while none is.
    func brokenRule(in state: State) -> String?
    /// Whether everything that was wanted is done.
    func isGoal(_ state: State) -> Bool
    /// The one state that stands for all from which the same may happen, but for names.
    func representative(of state: State) -> State
}

/// What a search through all states came to.
public struct Finding: Sendable {
    /// How many states were visited, of those that differ in names alone one.
    public var states: Int
    /// How many steps lead from one to another.
    public var steps: Int
    /// What is wrong, in words; nil when nothing is.
    public var broken: String?
    /// The shortest way there, a step a line.
    public var trace: [String]
}

/// Visits every state of `machine` but for names, nearest first, until a rule is broken; then looks whether a goal can be reached from each.
public func search<M: Machine>(_ machine: M) -> Finding {
    var states = [machine.start]
    var numbers = [machine.representative(of: machine.start): 0]
    var parents: [(state: Int, words: String)] = [(0, "")]
    // The steps backwards, as lists: the newest into a state, and the one before each.
    var newestInto = [-1]
    var edges: [(from: Int32, before: Int32)] = []
    func trace(to number: Int) -> [String] {
        var lines: [String] = []
        var number = number
        while number != 0 {
            lines.append(parents[number].words)
            number = parents[number].state
        }
        return lines.reversed()
    }
    var next = 0
    while next < states.count {
        for (words, state) in machine.steps(from: states[next]) {
            let number: Int
            // Kept as it was reached, so that the names in a trace stay what they are.
            let representative = machine.representative(of: state)
            if let known = numbers[representative] {
                number = known
            } else {
                number = states.count
                numbers[representative] = number
                states.append(state)
                parents.append((next, words))
                newestInto.append(-1)
                if let rule = machine.brokenRule(in: state) {
                    return Finding(states: states.count, steps: edges.count, broken: rule, trace: trace(to: number))
                }
            }
            edges.append((Int32(next), Int32(newestInto[number])))
            newestInto[number] = edges.count - 1
        }
        next += 1
    }
    var isHopeful = [Bool](repeating: false, count: states.count)
    var open = states.indices.filter { machine.isGoal(states[$0]) }
    for number in open { isHopeful[number] = true }
    while let number = open.popLast() {
        var edge = newestInto[number]
        while edge >= 0 {
            let from = Int(edges[edge].from)
            if !isHopeful[from] {
                isHopeful[from] = true
                open.append(from)
            }
            edge = Int(edges[edge].before)
        }
    }
    let stuck = isHopeful.firstIndex(of: false)
    return Finding(
        states: states.count, steps: edges.count, broken: stuck.map { _ in "nothing leads on from here" },
        trace: stuck.map(trace) ?? [])
}
