/// The rules of leases and appends: a store, and writers who crash, sleep and lose answers while they do one thing once.
///
/// The thing is a stage that changes an environment. Whoever wants to do it takes the lease, covers the attempt's time, records the start,
/// begins a program, and records what came of it. Programs go on when their writer is gone. Sleep needs no step of its own: between any two
/// steps of one writer, time may pass and the others may act. All spans are counted from the present, so that there are finitely many.
public struct LeaseMachine: Machine, Sendable {
    /// How many writers there are.
    public var writers: Int
    /// How long a lease lives that covers nothing.
    public var lifetime: Int8
    /// How long an attempt may take.
    public var deadline: Int8
    /// How long after that its program may still be coming to its end.
    public var margin: Int8
    /// Whether a call may be cut off on its way and arrive later.
    public var delaysCalls: Bool
    /// The rule that is left out.
    public var mutation: Mutation?

    /// Rules for some writers, with spans in ticks.
    public init(
        writers: Int = 2, lifetime: Int8 = 2, deadline: Int8 = 2, margin: Int8 = 1, delaysCalls: Bool = true,
        without mutation: Mutation? = nil
    ) {
        self.writers = writers
        self.lifetime = lifetime
        self.deadline = deadline
        self.margin = margin
        self.delaysCalls = delaysCalls
        self.mutation = mutation
    }

    /// What a writer holds for true of its token.
    enum Belief: Int8 { case none, newest, outdated }
    /// How far a writer is with an attempt.
    enum Phase: Int8 { case idle, covered, recorded, working, ended }
    /// A program outside.
    enum Program: Int8 { case none, working, hasActed }
    /// What the journal says of the stage.
    enum Status: Hashable { case open, started(by: Int8), done, cancelled }

    struct Writer: Hashable {
        var isAlive = true
        var belief = Belief.none
        /// Whether another has had the lease since; the writer does not know.
        var isReplaced = false
        /// Whether it has read the journal to its end.
        var isCurrent = false
        var phase = Phase.idle
        /// Until its program is surely gone.
        var left: Int8 = 0
        /// Whether the lease still ends when it knows it to.
        var knowsEnd = false
        /// Whether it gave the lease up and never heard that it did.
        var isUnanswered = false
        var program = Program.none
        /// What it saw of the effect, not yet recorded.
        var sees: Bool?
    }

    /// A call that the store has not seen yet, and whose caller waits for it no longer.
    struct Late: Hashable {
        enum Call: Hashable { case renew(for: Int8), release }

        var writer: Int
        var call: Call
        /// Whether its token is the newest still.
        var isNewest: Bool
        /// Whether the lease still ends when its caller knew it to.
        var knowsEnd: Bool
    }

    /// The store, the journal, the world outside, and the writers.
    public struct State: Hashable {
        /// A call that was cut off on its way, and arrives when it likes.
        var late: Late?
        /// Who has the lease: a writer, or somebody gone, or nobody.
        var holder = LeaseMachine.nobody
        /// Until it expires.
        var left: Int8 = 0
        var status = Status.open
        /// How often the effect was made.
        var count: Int8 = 0
        var writers: [Writer]
        var broken: Rule?
    }

    enum Rule: String {
        case once = "the effect is made once"
        case alone = "two programs are never at work at once"
        case fenced = "who was replaced appends nothing"
        case heeded = "what a person has cancelled is not begun"
        case truthful = "what is recorded as done is done"
    }

    static let nobody: Int8 = -1
    static let somebodyGone: Int8 = -2

    /// Nobody has anything, and nothing is done.
    public var start: State { State(writers: [Writer](repeating: Writer(), count: writers)) }
    /// The promise that the step into the state has broken.
    public func brokenRule(in state: State) -> String? { state.broken?.rawValue }
    /// Whether the stage is done, or nobody wants it any more.
    public func isGoal(_ state: State) -> Bool { state.status == .done || state.status == .cancelled }

    /// All that may happen next, to any writer and outside.
    public func steps(from state: State) -> [(words: String, state: State)] {
        var steps: [(String, State)] = []
        func step(_ words: @autoclosure () -> String, _ change: (inout State) -> Void) {
            var next = state
            change(&next)
            if next != state { steps.append((words(), next)) }
        }
        // Programs are ended when their time is over, be their writer awake or not: whoever began them gave them that time.
        if !state.writers.contains(where: { $0.program != .none && $0.left == 1 }) {
            step("time passes") { next in
                next.left = max(0, next.left - 1)
                for index in next.writers.indices { next.writers[index].left = max(0, next.writers[index].left - 1) }
            }
        }
        if let late = state.late {
            step("what \("writer \(late.writer + 1)") sent arrives late") { next in
                next.late = nil
                guard late.isNewest, next.holder != Self.nobody else { return }
                switch late.call {
                case .release: next.holder = Self.nobody
                case .renew(let span): next.end(in: prolonged(state.left, to: span, knowing: late.knowsEnd))
                }
            }
        }
        // A person asks nobody for a lease.
        if state.status == .open {
            step("a person cancels") { next in
                next.status = .cancelled
                for index in next.writers.indices { next.writers[index].isCurrent = false }
            }
        }
        for index in state.writers.indices {
            let name = "writer \(index + 1)"
            let writer = state.writers[index]
            if writer.program != .none {
                if writer.program == .working {
                    step("the program of \(name) acts") { next in
                        next.count = min(2, next.count + 1)
                        if next.count == 2 { next.broken = .once }
                        next.writers[index].program = .hasActed
                    }
                }
                step("the program of \(name) ends") { next in
                    next.writers[index].program = .none
                    next.writers[index].left = 0
                    guard writer.isAlive else { return }
                    next.writers[index].phase = .ended
                    next.writers[index].sees = writer.program == .hasActed
                }
            }
            guard writer.isAlive else {
                if writer.program == .none {
                    step("\(name) starts anew") { next in
                        next.writers[index] = Writer()
                        if next.holder == Int8(index) { next.holder = Self.somebodyGone }
                        if next.status == .started(by: Int8(index)) { next.status = .started(by: Self.somebodyGone) }
                    }
                }
                continue
            }
            step("\(name) dies") { $0.die(index) }
            if !writer.isCurrent {
                step("\(name) reads the journal") { next in
                    next.writers[index].isCurrent = true
                    // What it saw or wanted was about what it had read before.
                    if writer.phase == .covered { next.writers[index].phase = .idle }
                    if writer.phase == .idle { next.writers[index].sees = nil }
                    if writer.phase == .ended, next.status != .started(by: Int8(index)) {
                        next.writers[index].phase = .idle
                        next.writers[index].sees = nil
                    }
                }
            }
            for isLost in [false, true] {
                let lost = isLost ? ", and never hears that" : ""
                leaseSteps(of: index, in: state, isLost: isLost) { words, change in step("\(name) \(words)\(lost)", change) }
                attemptSteps(of: index, in: state, isLost: isLost) { words, change in step("\(name) \(words)\(lost)", change) }
            }
        }
        return steps
    }

    /// Acquiring, renewing, giving up.
    private func leaseSteps(
        of index: Int, in state: State, isLost: Bool, _ step: (String, (inout State) -> Void) -> Void
    ) {
        let writer = state.writers[index]
        let isRightful = writer.belief == .newest && state.holder != Self.nobody
        if writer.belief == .none, writer.phase == .idle {
            guard !writer.isUnanswered || mutation == .releaseIsNotConfirmed else {
                step("gives the lease up again") { next in
                    if state.holder == Int8(index) { next.holder = Self.nobody }
                    if !isLost { next.writers[index].isUnanswered = false }
                }
                return
            }
            if state.left == 0 || state.holder == Self.nobody {
                step("takes the lease") { next in
                    next.holder = Int8(index)
                    next.end(in: lifetime)
                    if mutation != .tokenIsNotRaised { next.late?.isNewest = false }
                    for other in next.writers.indices where other != index {
                        next.writers[other].isReplaced = true
                        if next.writers[other].belief == .newest, mutation != .tokenIsNotRaised {
                            next.writers[other].belief = .outdated
                        }
                    }
                    if !isLost { next.writers[index].get() }
                }
            } else if state.holder == Int8(index) {
                step("takes the lease that it has") { next in
                    next.end(in: max(state.left, lifetime))
                    if !isLost { next.writers[index].get() }
                }
            } else if !isLost, isGone(state.holder, in: state) {
                step("frees the lease of a holder that is gone") { $0.holder = Self.nobody }
            }
        }
        guard writer.belief != .none else { return }
        if isRightful || mutation == .renewalRevives {
            step("renews the lease") { next in
                next.holder = Int8(index)
                next.end(in: prolonged(state.left, to: max(lifetime, writer.left), knowing: writer.knowsEnd))
                if !isLost { next.writers[index].knowsEnd = true }
                if mutation == .renewalRevives { next.writers[index].belief = .newest }
            }
            if isLost, delaysCalls, state.late == nil {
                step("renews the lease, and is cut off on the way") { next in
                    next.late = Late(
                        writer: index, call: .renew(for: max(lifetime, writer.left)), isNewest: true, knowsEnd: writer.knowsEnd)
                }
            }
        } else if !isLost {
            step("is refused a renewal") { $0.die(index) }
        }
        // What was seen under a lease is recorded under it, or not at all.
        if writer.phase == .idle, writer.sees == nil {
            step("gives the lease up") { next in
                if isRightful || mutation == .releaseIgnoresToken { next.holder = Self.nobody }
                next.writers[index].belief = .none
                next.writers[index].isUnanswered = isLost
            }
            if isLost, delaysCalls, state.late == nil {
                step("gives the lease up, and is cut off on the way") { next in
                    next.late = Late(writer: index, call: .release, isNewest: isRightful, knowsEnd: false)
                    next.writers[index].belief = .none
                    next.writers[index].isUnanswered = true
                }
            }
        }
    }

    /// Covering, recording, beginning, looking, recording again.
    private func attemptSteps(
        of index: Int, in state: State, isLost: Bool, _ step: (String, (inout State) -> Void) -> Void
    ) {
        let writer = state.writers[index]
        let isRightful = writer.belief == .newest && state.holder != Self.nobody
        func append(_ words: String, _ change: @escaping (inout State) -> Void) {
            guard writer.isCurrent || mutation == .appendIgnoresPosition else { return }
            guard (isRightful && state.left > 0) || mutation == .appendIgnoresToken else {
                if !isLost { step("is refused an append") { $0.die(index) } }
                return
            }
            step(words) { next in
                if writer.isReplaced { next.broken = .fenced }
                for other in next.writers.indices where other != index { next.writers[other].isCurrent = false }
                change(&next)
                // Whoever does not hear the answer of an append gives up: its next driver looks what is there.
                if isLost { next.die(index) }
            }
        }
        switch writer.phase {
        case .idle where writer.sees != nil:
            append("records what it saw") { next in
                next.status = writer.sees == true ? .done : .open
                next.writers[index].sees = nil
                if next.status == .done, next.count == 0 { next.broken = .truthful }
            }
        case .idle:
            guard writer.isCurrent else { return }
            if state.status == .open, writer.belief != .none {
                guard isRightful || mutation == .coverIsForgotten else {
                    if !isLost { step("is refused the cover") { $0.die(index) } }
                    return
                }
                step("covers its attempt") { next in
                    let covered = mutation == .coverHasNoMargin ? deadline : deadline + margin
                    if mutation != .coverIsForgotten {
                        next.end(in: prolonged(state.left, to: max(lifetime, covered), knowing: writer.knowsEnd))
                        next.writers[index].knowsEnd = true
                    }
                    next.writers[index].left = deadline + margin
                    next.writers[index].phase = .covered
                    if isLost { next.die(index) }
                }
            }
            if !isLost, case .started = state.status, writer.belief != .none || mutation == .looksWithoutLease {
                step("looks what became of the last step") { next in
                    next.writers[index].sees = mutation == .nobodyLooks ? false : state.count > 0
                }
            }
        case .covered:
            append("records the start") { next in
                if next.status == .cancelled { next.broken = .heeded }
                next.status = .started(by: Int8(index))
                next.writers[index].phase = .recorded
            }
            if mutation == .startIsNotRecorded, !isLost { begin(index, in: state, step) }
            // By the rules it makes no difference when the answer comes, and so it needs no step.
            if mutation == .timeCountsFromAnswer, !isLost {
                step("hears only now that its attempt is covered") { $0.writers[index].left = deadline + margin }
            }
        case .recorded:
            if !isLost { begin(index, in: state, step) }
        case .working:
            break
        case .ended:
            append("records what came of it") { next in
                next.status = writer.sees == true ? .done : .open
                next.writers[index].phase = .idle
                next.writers[index].sees = nil
                if next.status == .done, next.count == 0 { next.broken = .truthful }
            }
        }
    }

    private func begin(_ index: Int, in state: State, _ step: (String, (inout State) -> Void) -> Void) {
        let isLate = state.writers[index].left <= margin && mutation != .lateIsBegun
        step(isLate ? "sees that it is too late to begin" : "begins its program") { next in
            guard !isLate else {
                next.writers[index].phase = .ended
                next.writers[index].sees = false
                next.writers[index].left = 0
                return
            }
            if next.writers.contains(where: { $0.program != .none }) { next.broken = .alone }
            next.writers[index].phase = .working
            next.writers[index].program = .working
            // What begins late takes its time as well.
            next.writers[index].left = max(next.writers[index].left, mutation == .lateIsBegun ? deadline + margin : 0)
        }
    }

    /// How long a lease lasts after a renewal: it is shortened only by whoever knows how long it lasted.
    private func prolonged(_ left: Int8, to span: Int8, knowing isKnown: Bool) -> Int8 {
        isKnown || mutation == .lateRenewalShortens ? span : max(left, span)
    }

    /// Whether a holder is known to be dead, with all that it had begun.
    private func isGone(_ holder: Int8, in state: State) -> Bool {
        guard holder >= 0 else { return holder == Self.somebodyGone }
        let writer = state.writers[Int(holder)]
        return !writer.isAlive && (writer.program == .none || mutation == .deadIsTakenForGone)
    }
}

extension LeaseMachine {
    /// Which writer is called what makes no difference: those of a representative stand in one order.
    public func representative(of state: State) -> State {
        var representative = state
        for end in 1..<writers {
            for right in (1...end).reversed() where representative.rank(of: right) < representative.rank(of: right - 1) {
                representative.swapNames(right, right - 1)
            }
        }
        return representative
    }
}

extension LeaseMachine.State {
    /// A number that differs for writers that differ.
    fileprivate func rank(of index: Int) -> Int {
        let writer = writers[index]
        var rank = (writer.isAlive ? 1 : 0) + (writer.isReplaced ? 2 : 0) + (writer.isCurrent ? 4 : 0)
        rank += (writer.knowsEnd ? 32 : 0) + (writer.isUnanswered ? 64 : 0) + (late?.writer == index ? 128 : 0)
        rank += (holder == Int8(index) ? 8 : 0) + (status == .started(by: Int8(index)) ? 16 : 0)
        rank = rank * 4 + (writer.sees == nil ? 0 : writer.sees == true ? 1 : 2)
        rank = (rank * 4 + Int(writer.belief.rawValue)) * 8 + Int(writer.phase.rawValue)
        return (rank * 4 + Int(writer.program.rawValue)) * 128 + Int(writer.left)
    }

    /// Each is called what the other was.
    fileprivate mutating func swapNames(_ one: Int, _ other: Int) {
        func renamed(_ name: Int8) -> Int8 { name == Int8(one) ? Int8(other) : name == Int8(other) ? Int8(one) : name }
        writers.swapAt(one, other)
        holder = renamed(holder)
        if let name = late?.writer { late?.writer = Int(renamed(Int8(name))) }
        if case .started(let name) = status { status = .started(by: renamed(name)) }
    }
}

extension LeaseMachine.Writer {
    /// The lease is ours, and we know it.
    fileprivate mutating func get() {
        belief = .newest
        knowsEnd = true
        isReplaced = false
    }
}

extension LeaseMachine.State {
    /// The lease ends then, which nobody knows yet.
    fileprivate mutating func end(in span: Int8) {
        left = span
        late?.knowsEnd = false
        for index in writers.indices { writers[index].knowsEnd = false }
    }

    /// A writer is gone, or gives up; its program is not.
    fileprivate mutating func die(_ index: Int) {
        var gone = LeaseMachine.Writer()
        gone.isAlive = false
        gone.program = writers[index].program
        gone.left = gone.program == .none ? 0 : writers[index].left
        writers[index] = gone
    }
}
