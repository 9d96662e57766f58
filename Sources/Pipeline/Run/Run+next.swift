/// What a driver shall do for a run.
///
/// Asking twice gives the same answer: only events change it.
public enum Action: Hashable, Sendable {
    /// Begin this attempt: journal the intent, then perform.
    case perform(stage: StageName, attempt: Int)
    /// Look at the world: what became of this attempt?
    case observe(stage: StageName, attempt: Int)
    /// End this attempt, which is under way.
    case stop(stage: StageName, attempt: Int)
    /// Say when this attempt has taken as long as it may.
    case timeout(stage: StageName, attempt: Int, after: TimeSpan)
    /// Say when the pause after this attempt is over.
    case wake(stage: StageName, attempt: Int, after: TimeSpan)
}

/// Where a run stands as a whole.
public enum RunStatus: String, Hashable, Sendable, Codable, CaseIterable {
    /// Stages are under way or can start.
    case running
    /// A person must approve.
    case waiting
    /// Everything asked for is done; the pipeline goes further.
    case reached
    /// Every stage is done.
    case succeeded
    /// A stage failed, and nothing else can go on.
    case failed
    /// Its driver was stopped or is gone; it can be resumed.
    case interrupted
    /// It was cancelled.
    case cancelled
    /// Nobody knows what became of a stage; a person must look.
    case indeterminate

    /// Whether the run can still go on.
    public var isOpen: Bool {
        switch self {
        case .running, .waiting, .reached, .interrupted, .indeterminate: true
        case .succeeded, .failed, .cancelled: false
        }
    }
}

extension Run {
    /// What is to be done now: at most `jobs` stages under way at once, in the order in which they became ready.
    ///
    /// Costs as much as stages are under way, not as the plan is long.
    /// - Parameters:
    ///   - jobs: how many stages may be under way at once, those in doubt counted.
    ///   - only: when given, other stages are not begun.
    public func next(jobs: Int, only: Set<StageName>? = nil) -> [Action] {
        var actions: [Action] = []
        for number in running.sorted() {
            guard case .running(let attempt) = states[number] else { continue }
            let stage = plan.stages[number].name
            if isCancelling || attempt.isTimedOut {
                actions.append(.stop(stage: stage, attempt: attempt.number))
            } else {
                actions.append(.timeout(stage: stage, attempt: attempt.number, after: attempt.deadline))
            }
        }
        for number in inDoubt.sorted() {
            guard case .inDoubt(let attempt, _, _) = states[number] else { continue }
            actions.append(.observe(stage: plan.stages[number].name, attempt: attempt))
        }
        for number in backingOff.sorted() {
            guard case .backingOff(let attempt, let pause, _) = states[number] else { continue }
            actions.append(.wake(stage: plan.stages[number].name, attempt: attempt, after: pause))
        }
        guard !isCancelling else { return actions }
        // What others are at work on takes no place of one who was asked for some stages only.
        let busy = [running, inDoubt].joined().count { only?.contains(plan.stages[$0].name) ?? true }
        var free = jobs - busy
        var place = queueStart
        var chosen: Set<Int> = []
        while free > 0, place < queue.count {
            let number = queue[place]
            place += 1
            guard case .ready = states[number], only?.contains(plan.stages[number].name) ?? true, chosen.insert(number).inserted
            else { continue }
            actions.append(.perform(stage: plan.stages[number].name, attempt: attempts[number] + 1))
            free -= 1
        }
        return actions
    }

    /// Where the run stands.
    public var status: RunStatus {
        if !running.isEmpty { return .running }
        if isCancelling { return tally.indeterminate > 0 ? .indeterminate : inDoubt.isEmpty ? .cancelled : .interrupted }
        if !inDoubt.isEmpty { return .interrupted }
        if tally.ready > 0 || !backingOff.isEmpty { return isInterrupted ? .interrupted : .running }
        if tally.indeterminate > 0 { return .indeterminate }
        if tally.failed + tally.blocked > 0 { return .failed }
        if tally.waiting > 0 { return .waiting }
        if tally.wantedOpen == 0 { return tally.done == states.count ? .succeeded : .reached }
        return .failed
    }

    /// The stages that wait for a person, each with its frozen Change.
    public var waitingApprovals: [(stage: StageName, change: Change)] {
        guard tally.waiting > 0 else { return [] }
        return states.enumerated().compactMap { number, state in
            guard case .waiting(_, let change) = state else { return nil }
            return (plan.stages[number].name, change)
        }
    }
}
