extension Run {
    /// Takes the next event.
    ///
    /// The state is unchanged when it throws.
    public mutating func apply(_ event: RunEvent) throws(RunError) {
        switch event {
        case .created:
            throw RunError(event: event, reason: "a run is created once")
        case .goalExtended(let stages):
            try want(stages, event: event)
            goal += stages.filter { !goal.contains($0) }
        case .resumed:
            isInterrupted = false
            reconsider()
        case .interrupted:
            isInterrupted = true
        case .cancelRequested:
            cancel()
        case .skipped(let stage, let reason):
            let isAtRest = status != .running
            try skip(stage, reason, event)
            leaveToNext(isAtRest)
        case .retried(let stages, _):
            let isAtRest = status != .running
            try retry(stages, event)
            leaveToNext(isAtRest)
        case .started(let stage, let attempt, let key, let driver, let deadline):
            let number = try place(stage, event)
            guard states[number] == .ready, attempt == attempts[number] + 1 else {
                throw RunError(event: event, reason: "attempt \(attempt) of '\(stage)' cannot start now")
            }
            attempts[number] = attempt
            set(number, .running(Attempt(number: attempt, key: key, driver: driver, deadline: deadline)))
        case .launched(let stage, let attempt, let launch):
            let number = try place(stage, event)
            var current = try running(number, attempt, event)
            current.launch = launch
            set(number, .running(current))
        case .timedOut(let stage, let attempt):
            let number = try place(stage, event)
            var current = try running(number, attempt, event)
            current.isTimedOut = true
            set(number, .running(current))
        case .backoffElapsed(let stage, let attempt):
            let number = try place(stage, event)
            guard case .backingOff(attempt, _, _) = states[number] else {
                throw RunError(event: event, reason: "'\(stage)' is not pausing after attempt \(attempt)")
            }
            reopen(number)
        case .succeeded(let stage, let attempt, let artifact, let how, _):
            let number = try place(stage, event)
            try expectOutcome(number, attempt, event)
            if let artifact { artifacts[stage] = artifact }
            set(number, .succeeded(how))
            release(successorsOf: number)
        case .failed(let stage, let attempt, let failure, let jitter):
            let number = try place(stage, event)
            try expectOutcome(number, attempt, event)
            if case .inDoubt = states[number] {
                // The observation failed: what the attempt did is as unknown as before, and trying again could do it twice.
                set(number, .indeterminate(attempt: attempt, failure))
            } else {
                fail(number, attempt: attempt, failure, jitter: jitter)
            }
        case .approvalRequested(let stage, let attempt, let change, _):
            let number = try place(stage, event)
            _ = try running(number, attempt, event)
            set(number, isCancelling ? .cancelled : .waiting(attempt: attempt, change))
        case .approved(let stage, let sum, _):
            let number = try place(stage, event)
            guard case .waiting(_, let change) = states[number], change.sum == sum else {
                throw RunError(event: event, reason: "'\(stage)' does not wait for approval of that change")
            }
            voided = []
            artifacts[stage] = .approval(Approval(environment: change.environment, change: change))
            set(number, .succeeded(.performed))
            release(successorsOf: number)
        case .rejected(let stage, let reason):
            let number = try place(stage, event)
            guard case .waiting = states[number] else {
                throw RunError(event: event, reason: "'\(stage)' does not wait for approval")
            }
            let failure = Failure(
                code: Failure.rejected, message: "The change was rejected: \(reason)",
                remedy: "Make a new commit and deploy that.")
            set(number, .failed(failure))
            block(successorsOf: number)
        case .approvalVoided(let stage, let attempt, let approval, let differences):
            try void(stage, attempt, approval, differences, event)
        case .stopped(let stage, let attempt):
            let number = try place(stage, event)
            let current = try running(number, attempt, event)
            if current.isTimedOut {
                let failure = Failure(
                    code: "timeout", message: "It took longer than \(current.deadline) and was ended.",
                    remedy: "Look at its log; raise 'timeout' if it needs longer.", isPassing: false)
                fail(number, attempt: attempt, failure, jitter: 0)
            } else {
                set(number, .inDoubt(attempt: attempt, leftBy: nil, reason: "it was ended before it was done"))
            }
        case .doubted(let stage, let attempt, let reason):
            let number = try place(stage, event)
            let driver = try running(number, attempt, event).driver
            set(number, .inDoubt(attempt: attempt, leftBy: driver, reason: reason))
        case .absolved(let stage, let attempt, _):
            let number = try place(stage, event)
            guard case .inDoubt(attempt, _, _) = states[number] else {
                throw RunError(event: event, reason: "'\(stage)' is not in doubt")
            }
            if isCancelling { set(number, .cancelled) } else { reopen(number) }
        case .undecided(let stage, let attempt, let failure):
            let number = try place(stage, event)
            guard case .inDoubt(attempt, _, _) = states[number] else {
                throw RunError(event: event, reason: "'\(stage)' is not in doubt")
            }
            set(number, .indeterminate(attempt: attempt, failure))
        }
    }

    private func place(_ stage: StageName, _ event: RunEvent) throws(RunError) -> Int {
        guard let number = index[stage] else { throw RunError(event: event, reason: "the plan has no stage '\(stage)'") }
        return number
    }

    private func running(_ number: Int, _ attempt: Int, _ event: RunEvent) throws(RunError) -> Attempt {
        guard case .running(let current) = states[number], current.number == attempt else {
            throw RunError(event: event, reason: "attempt \(attempt) of '\(plan.stages[number].name)' is not under way")
        }
        return current
    }

    /// An outcome ends an attempt under way, or one in doubt that was observed.
    private func expectOutcome(_ number: Int, _ attempt: Int, _ event: RunEvent) throws(RunError) {
        if case .inDoubt(attempt, _, _) = states[number] { return }
        _ = try running(number, attempt, event)
    }

    private mutating func fail(_ number: Int, attempt: Int, _ failure: Failure, jitter: Int) {
        let policy = plan.stages[number].policy
        let counted = attempt - forgiven[number]
        if failure.isPassing, counted <= policy.retries, !isCancelling {
            let pause = policy.pause(after: counted, jitter: jitter)
            set(number, .backingOff(attempt: attempt, pause: pause, failure: failure))
        } else {
            set(number, .failed(failure))
            block(successorsOf: number)
        }
    }

    /// A stage that is not done may begin again; what it waits for may have been taken back since.
    private mutating func reopen(_ number: Int) {
        let state = unbegun(number)
        set(number, state)
        if case .blocked = state { block(successorsOf: number) }
    }

    /// The state of a stage that has not begun, as it follows from those it waits for.
    private func unbegun(_ number: Int) -> StageState {
        for before in predecessors[number] {
            switch states[before] {
            case .failed, .blocked: return .blocked(by: plan.stages[before].name)
            case .skipped where consumes(number, from: before): return .blocked(by: plan.stages[before].name)
            default: continue
            }
        }
        return waitsFor[number] == 0 && isWanted[number] ? .ready : .pending
    }

    private func consumes(_ number: Int, from before: Int) -> Bool {
        plan.stages[number].inputs.values.contains(plan.stages[before].name)
    }

    /// A person opened what was at rest, and nobody drives it yet: it wants to be taken up.
    private mutating func leaveToNext(_ wasAtRest: Bool) {
        if wasAtRest, status == .running { isInterrupted = true }
    }

    /// Stages begin again, and what their end had blocked is open again, unless something else blocks it.
    private mutating func retry(_ stages: [StageName], _ event: RunEvent) throws(RunError) {
        guard !isCancelling else { throw RunError(event: event, reason: "the run was cancelled") }
        var numbers: [Int] = []
        for stage in stages {
            let number = try place(stage, event)
            switch states[number] {
            case .failed(let failure) where failure.code == Failure.rejected:
                throw RunError(event: event, reason: "the change of '\(stage)' was rejected")
            case .failed, .indeterminate: numbers.append(number)
            default: throw RunError(event: event, reason: "'\(stage)' has not failed")
            }
        }
        for number in numbers {
            forgiven[number] = attempts[number]
            set(number, .pending)
        }
        unblock(below: numbers, with: numbers)
    }

    /// A stage is left out: who only waits for it goes on, who needs what it would have made cannot.
    private mutating func skip(_ stage: StageName, _ reason: String, _ event: RunEvent) throws(RunError) {
        let number = try place(stage, event)
        guard !(plan.stages[number].kind.value is Approve) else {
            throw RunError(event: event, reason: "'\(stage)' is an approval, which nobody may leave out")
        }
        switch states[number] {
        // What nobody can tell keeps a cancelled run from its end, until a person says what they saw.
        case .indeterminate: break
        case .pending, .ready, .backingOff, .failed, .blocked:
            guard !isCancelling else { throw RunError(event: event, reason: "the run was cancelled") }
        default: throw RunError(event: event, reason: "'\(stage)' is not waiting to be done")
        }
        set(number, .skipped(reason: reason))
        release(successorsOf: number)
        if !isCancelling { unblock(below: [number], with: []) }
    }

    /// Puts right what is blocked below `roots`: in the plan's order, so that whom a stage waits for is put right before it.
    private mutating func unblock(below roots: [Int], with others: [Int]) {
        var affected = Set(others)
        var stack = roots
        while let number = stack.popLast() {
            for successor in successors[number] {
                guard case .blocked = states[successor], affected.insert(successor).inserted else { continue }
                stack.append(successor)
            }
        }
        for number in affected.sorted() { set(number, unbegun(number)) }
    }

    /// Whoever takes the run up looks again at what nobody could decide: looking changes nothing.
    private mutating func reconsider() {
        guard tally.indeterminate > 0 else { return }
        for number in states.indices {
            guard case .indeterminate(let attempt, let failure) = states[number] else { continue }
            set(number, .inDoubt(attempt: attempt, leftBy: nil, reason: failure.message))
        }
    }

    private mutating func release(successorsOf number: Int) {
        for successor in successors[number] {
            waitsFor[successor] -= 1
            guard waitsFor[successor] == 0, case .pending = states[successor], isWanted[successor], !isCancelling else {
                continue
            }
            set(successor, .ready)
        }
        // What was skipped produced nothing: whoever consumes its artifact cannot run.
        if case .skipped = states[number] {
            for successor in successors[number] where consumes(successor, from: number) {
                guard !Self.isFinal(states[successor]) else { continue }
                set(successor, .blocked(by: plan.stages[number].name))
                block(successorsOf: successor)
            }
        }
    }

    /// Every stage is blocked once, so that all failures of a run together cost no more than its edges.
    private mutating func block(successorsOf number: Int) {
        let name = plan.stages[number].name
        var stack = successors[number]
        while let successor = stack.popLast() {
            guard case .pending = states[successor] else { continue }
            set(successor, .blocked(by: name))
            stack.append(contentsOf: successors[successor])
        }
    }

    /// What has not begun ends at once; what is under way is ended by its driver.
    private mutating func cancel() {
        guard !isCancelling else { return }
        isCancelling = true
        for number in states.indices {
            switch states[number] {
            case .pending, .ready, .backingOff, .waiting: set(number, .cancelled)
            case .running, .inDoubt, .succeeded, .skipped, .failed, .blocked, .cancelled, .indeterminate: break
            }
        }
    }

    private mutating func void(
        _ stage: StageName, _ attempt: Int, _ approval: StageName, _ differences: [String], _ event: RunEvent
    ) throws(RunError) {
        let number = try place(stage, event)
        let approving = try place(approval, event)
        guard predecessors[number].contains(approving) else {
            throw RunError(event: event, reason: "'\(stage)' does not wait for '\(approval)'")
        }
        _ = try running(number, attempt, event)
        voided = differences
        // Where two stages find the same, the second one finds the approval taken back already.
        if case .succeeded = states[approving] { takeBack(approving) }
        if isCancelling { set(number, .cancelled) } else { reopen(number) }
    }

    /// Only what has not begun waits again: what has begun was covered when it began.
    private mutating func takeBack(_ approving: Int) {
        artifacts[plan.stages[approving].name] = nil
        for successor in successors[approving] {
            waitsFor[successor] += 1
            switch states[successor] {
            case .ready, .backingOff: set(successor, .pending)
            default: break
            }
        }
        if isCancelling { set(approving, .cancelled) } else { reopen(approving) }
    }
}

extension StagePolicy {
    /// The pause after attempt `attempt`: it doubles from ``backoff`` to at most five minutes, less up to half by chance.
    ///
    /// "Equal jitter" of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    /// - Parameter jitter: chance, in thousandths, 0...1000.
    package func pause(after attempt: Int, jitter: Int) -> TimeSpan {
        let doublings = min(max(attempt - 1, 0), 20)
        let full = min(backoff.milliseconds << Int64(doublings), 300_000)
        return TimeSpan(milliseconds: full - full / 2 * Int64(min(max(jitter, 0), 1000)) / 1000)
    }
}
