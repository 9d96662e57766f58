/// One execution of a plan: the fold of its journal.
///
/// Pure: no clock, no I/O; time and chance come in as events.
public struct Run: Sendable {
    /// Where a stage stands.
    public enum StageState: Hashable, Sendable {
        /// It waits for others, or nobody asked for it.
        case pending
        /// It may start.
        case ready
        /// An attempt is under way.
        case running(Attempt)
        /// A failed attempt; the next follows after the pause.
        case backingOff(attempt: Int, pause: TimeSpan, failure: Failure)
        /// Its Change waits for a person.
        case waiting(attempt: Int, Change)
        /// An attempt may have had an effect; the world must be looked at.
        ///
        /// Its driver is gone without having ended what it began; nil where that was ended.
        case inDoubt(attempt: Int, leftBy: Driver?, reason: String)
        /// Done.
        case succeeded(Completion)
        /// Left out by a person.
        case skipped(reason: String)
        /// Failed for good.
        case failed(Failure)
        /// It cannot run: a stage it waits for failed.
        case blocked(by: StageName)
        /// Ended with the run.
        case cancelled
        /// Observation could not decide what happened.
        case indeterminate(attempt: Int, Failure)
    }

    /// An attempt under way.
    public struct Attempt: Hashable, Sendable {
        /// Its number, from 1.
        public var number: Int
        /// The idempotency key that its effects carry.
        public var key: String
        /// Who makes it.
        public var driver: Driver
        /// How long it may take.
        public var deadline: TimeSpan
        /// The program that works for it, the newest of several; nil before one has begun, and for one that took no longer than a moment.
        public var launch: Launch?
        /// Whether that time is over and it is being ended.
        public var isTimedOut = false
    }

    /// The run's identity.
    public let id: RunID
    /// What it does.
    public let plan: Plan
    /// Why it was started, in words.
    public let reason: String
    /// Where each stage stands, in the plan's order.
    public internal(set) var states: [StageState]
    /// What each stage produced.
    public internal(set) var artifacts: [StageName: ArtifactValue] = [:]
    /// Attempts begun per stage.
    public internal(set) var attempts: [Int]
    /// Attempts per stage that were made before a person asked for the stage again: they count for no policy.
    var forgiven: [Int]
    /// The stages the run was asked for.
    public internal(set) var goal: [StageName]
    /// Whether the run shall end.
    public internal(set) var isCancelling = false
    /// Whether the last driver was interrupted and none has taken over.
    public internal(set) var isInterrupted = false
    /// Differences that voided the last approval, until it is given anew.
    public internal(set) var voided: [String] = []

    /// The place of each stage in the plan.
    let index: [StageName: Int]
    let predecessors: [[Int]]
    let successors: [[Int]]
    /// For each stage, how many stages it still waits for.
    var waitsFor: [Int]
    /// Whether the goal needs the stage.
    var isWanted: [Bool]
    /// Stages that became ready, oldest first; those no longer ready are passed over.
    var queue: [Int] = []
    var queueStart = 0
    /// Stages that need something of the driver besides being started.
    var running: Set<Int> = []
    var inDoubt: Set<Int> = []
    var backingOff: Set<Int> = []
    var tally = Tally()
    /// For each environment, how many of its stages the goal needs and can still go on.
    private var openIn: [EnvironmentName: Int] = [:]

    /// Stages by what they mean for the run's status.
    struct Tally: Hashable, Sendable {
        var ready = 0
        var waiting = 0
        var failed = 0
        var blocked = 0
        var indeterminate = 0
        var done = 0
        var wanted = 0
        var wantedOpen = 0
    }

    /// Begins with the first event of the journal, which must be `created`.
    public init(_ first: RunEvent) throws(RunError) {
        guard case .created(let id, let plan, let goal, let reason) = first else {
            throw RunError(event: first, reason: "a run's journal begins with its creation")
        }
        self.id = id
        self.plan = plan
        self.reason = reason
        self.goal = goal
        let edges = Plan.Edges(of: plan)
        index = edges.index
        predecessors = edges.predecessors
        successors = Graph.successors(of: edges.predecessors)
        waitsFor = edges.predecessors.map(\.count)
        states = Array(repeating: .pending, count: plan.stages.count)
        attempts = Array(repeating: 0, count: plan.stages.count)
        forgiven = attempts
        isWanted = Array(repeating: false, count: plan.stages.count)
        try want(goal, event: first)
    }

    /// Folds a whole journal.
    public init(replaying events: some Sequence<RunEvent>) throws(RunError) {
        var iterator = events.makeIterator()
        guard let first = iterator.next() else { throw RunError(event: nil, reason: "the journal is empty") }
        try self.init(first)
        while let event = iterator.next() { try apply(event) }
    }

    /// Where a stage stands; nil when the plan has no such stage.
    public func state(of stage: StageName) -> StageState? { index[stage].map { states[$0] } }

    /// The stage with this name; unlike ``Plan/stage(_:)`` in constant time.
    public func stage(_ name: StageName) -> PlannedStage? { index[name].map { plan.stages[$0] } }

    /// Whether the goal needs the stage.
    public func isWanted(_ stage: StageName) -> Bool { index[stage].map { isWanted[$0] } ?? false }

    /// Whether the goal needs a stage of the environment that can still go on.
    public func isOpen(in environment: EnvironmentName) -> Bool { openIn[environment, default: 0] > 0 }

    /// Whether a stage is done, or left out by a person's word.
    public func isDone(_ stage: StageName) -> Bool {
        switch state(of: stage) {
        case .succeeded, .skipped: true
        default: false
        }
    }

    /// What fills the inputs of a stage, from what was produced.
    public func inputs(of stage: PlannedStage) -> InputValues {
        InputValues(stage.inputs.compactMapValues { artifacts[$0] })
    }

    /// The stages of which nobody can tell what became of them.
    public var undecided: [StageName] {
        guard tally.indeterminate > 0 else { return [] }
        return states.indices.compactMap { number in
            if case .indeterminate = states[number] { plan.stages[number].name } else { nil }
        }
    }

    /// The stages that failed and may be made again by a person's word; those nobody can tell of have to be named.
    public var retryable: [StageName] {
        states.indices.compactMap { number in
            guard case .failed(let failure) = states[number], failure.code != Failure.rejected else { return nil }
            return plan.stages[number].name
        }
    }

    /// The stages that one still waits for.
    ///
    /// While there are any it cannot be left out: whoever comes after it would begin before them, and before an approval among them.
    public func awaited(by stage: StageName) -> [StageName] {
        guard let number = index[stage], waitsFor[number] > 0 else { return [] }
        return predecessors[number].filter { before in
            switch states[before] {
            case .succeeded, .skipped: false
            default: true
            }
        }.map { plan.stages[$0].name }
    }

    /// The stages that have not begun, whose start the goal waits for, or that need a look: what is left to do.
    public var openStages: [StageName] {
        states.indices.filter { isWanted[$0] && !Self.isFinal(states[$0]) }.map { plan.stages[$0].name }
    }

    /// Whether nothing follows from this state by itself.
    static func isFinal(_ state: StageState) -> Bool {
        switch state {
        case .succeeded, .skipped, .failed, .blocked, .cancelled: true
        case .pending, .ready, .running, .backingOff, .waiting, .inDoubt, .indeterminate: false
        }
    }

    mutating func want(_ stages: [StageName], event: RunEvent) throws(RunError) {
        var roots: [Int] = []
        for stage in stages {
            guard let number = index[stage] else { throw RunError(event: event, reason: "the plan has no stage '\(stage)'") }
            roots.append(number)
        }
        for number in Graph.ancestors(of: roots, predecessors: predecessors).sorted() where !isWanted[number] {
            isWanted[number] = true
            tally.wanted += 1
            if !Self.isFinal(states[number]) { count(open: number, 1) }
            if waitsFor[number] == 0, case .pending = states[number] { set(number, .ready) }
        }
    }

    /// The one place where a stage's state changes: keeps queue, sets and tally in step.
    mutating func set(_ number: Int, _ state: StageState) {
        let old = states[number]
        leave(number, old)
        states[number] = state
        enter(number, state)
        if isWanted[number], Self.isFinal(old) != Self.isFinal(state) { count(open: number, Self.isFinal(state) ? -1 : 1) }
    }

    /// Counts a stage that the goal needs in or out of those that can still go on.
    private mutating func count(open number: Int, _ change: Int) {
        tally.wantedOpen += change
        if let environment = plan.stages[number].kind.value.environment { openIn[environment, default: 0] += change }
    }

    private mutating func leave(_ number: Int, _ state: StageState) {
        switch state {
        case .ready: tally.ready -= 1
        case .running: running.remove(number)
        case .inDoubt: inDoubt.remove(number)
        case .backingOff: backingOff.remove(number)
        case .waiting: tally.waiting -= 1
        case .failed: tally.failed -= 1
        case .blocked: tally.blocked -= 1
        case .indeterminate: tally.indeterminate -= 1
        case .succeeded, .skipped: tally.done -= 1
        case .pending, .cancelled: break
        }
    }

    private mutating func enter(_ number: Int, _ state: StageState) {
        switch state {
        case .ready:
            tally.ready += 1
            queue.append(number)
        case .running: running.insert(number)
        case .inDoubt: inDoubt.insert(number)
        case .backingOff: backingOff.insert(number)
        case .waiting: tally.waiting += 1
        case .failed: tally.failed += 1
        case .blocked: tally.blocked += 1
        case .indeterminate: tally.indeterminate += 1
        case .succeeded, .skipped: tally.done += 1
        case .pending, .cancelled: break
        }
        while queueStart < queue.count, states[queue[queueStart]] != .ready { queueStart += 1 }
    }
}

/// An event that cannot follow on a run's state: the journal is damaged, or a writer has a defect.
public struct RunError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The event; nil when there is none.
    public var event: RunEvent?
    /// Why it cannot follow.
    public var reason: String

    /// One sentence.
    public var description: String { "the run's journal cannot be read: \(reason)" }
}
