import Executors
import Pipeline
import Processes
import Synchronization

/// Runs a command: `run` stages.
struct CommandPerformer: Performer {
    func perform(_ stage: RunCommand, _ inputs: RunCommand.Inputs, _ work: Work) async throws(StageFailure) -> Performed<Nothing>
    {
        let outcome = try await work.run(try await Self.command(stage.command, of: stage, work))
        guard outcome.succeeded else {
            // Whoever writes 'retries' says that the command may pass on another try.
            throw StageFailure(
                Failure(
                    code: "command-failed",
                    message: "'\(stage.command.joined(separator: " "))' ended with \(outcome.termination.words).",
                    remedy: "See 'shipit logs \(work.run) \(work.stage)'.", isPassing: true))
        }
        return .done(Nothing())
    }

    /// Its own check tells, with 0 for done and 1 for not done, as `grep` and `diff` answer; without one, only whoever wrote it knows.
    func observe(_ stage: RunCommand, _ inputs: RunCommand.Inputs, _ work: Work) async throws(StageFailure) -> Observation<
        Nothing
    > {
        let words = "'\(stage.command.joined(separator: " "))'"
        var answer = "nothing tells how far it got"
        var remedy = "Look at what it does; write 'idempotent: true' if it may always be run again, or a 'check'."
        if let check = stage.check {
            let asked = "'\(check.joined(separator: " "))'"
            var command = try await Self.command(check, of: stage, work)
            command.deadline = work.deadline.duration
            let outcome = try await work.run(command)
            switch outcome.termination {
            case .exited(0) where outcome.ended == .byItself: return .done(Nothing(), note: "\(asked) says that it is done")
            case .exited(1) where outcome.ended == .byItself: return .notDone("\(asked) says that it is not done")
            default: break
            }
            answer = "its check \(asked) ended with \(outcome.termination.words), which is neither 0 for done nor 1 for not done"
            remedy = "See 'shipit logs \(work.run) \(work.stage)'; 'shipit resume \(work.run)' asks the check again."
        }
        if stage.isIdempotent { return .notDone("the command may be run again") }
        return .undecided(Failure(code: "indeterminate", message: "\(words) was interrupted, and \(answer).", remedy: remedy))
    }

    /// A program of the stage's, with the variables and the directory that the stage names.
    private static func command(_ words: [String], of stage: RunCommand, _ work: Work) async throws(StageFailure) -> Command {
        var additions: [String: String] = ["SHIPIT_RUN": work.run, "SHIPIT_STAGE": work.stage.text]
        for (name, value) in stage.variables {
            additions[name] = try await work.tools.vault.resolve(value, for: "variable \(name)")
        }
        let root = work.tools.workspace.root
        return Command(
            words[0], Array(words.dropFirst()), environment: work.tools.variables(for: work.project, adding: additions),
            workingDirectory: stage.directory == "." ? root : "\(root)/\(stage.directory)")
    }
}

extension Work {
    /// How long after an attempt's time its performer may put in order what it would leave behind.
    ///
    /// With the ending of the last program it stays within ``Leases/margin``.
    static let tidying = TimeSpan.seconds(20)
    /// How long a program that only tells something may take.
    private static let patience = Duration.seconds(120)

    /// Runs a program to its end, its output going to the stage's log.
    ///
    /// - Parameter leftOver: how long after the attempt's time it may still work: for what puts things in order again, after a timeout
    ///   too. At most ``tidying``, since the lease that covers the attempt ends soon after.
    func run(_ command: Command, past leftOver: TimeSpan = .seconds(0)) async throws(StageFailure) -> Processes.Outcome {
        try await attend(command, past: leftOver) { [log] command, started throws(ProcessError) in
            try await Processes.run(command, started: started) { stream, piece in await log.take(stream, piece) }
        }
    }

    /// The same for a program whose results are for us: only what it says on standard error goes to the stage's log.
    func captured(_ command: Command, past leftOver: TimeSpan = .seconds(0)) async throws(StageFailure) -> Captured {
        try await attend(command, past: leftOver) { [log] command, started throws(ProcessError) in
            try await capture(command, started: started) { piece in await log.take(.standardError, piece) }
        }
    }

    /// Prepares a program that works for the attempt, and knows of it as long as it runs.
    private func attend<Ended: Sendable>(
        _ command: Command, past leftOver: TimeSpan,
        _ body: (Command, @escaping @Sendable (ProcessIdentity) async throws -> Void) async throws(ProcessError) -> Ended
    ) async throws(StageFailure) -> Ended {
        let end = end < .max ? end + leftOver.milliseconds : end
        // The lease that covers a program ends soon after the attempt's time. Who slept between the two and wakes would begin it beside
        // somebody else's.
        guard tools.world.uptime() < end else {
            throw StageFailure(
                "late", "\(command.executable) was not started: the time of this attempt is over.", isPassing: true)
        }
        var command = command
        // Whoever drives us ends us in time; this is for when it cannot, since its ledger does not answer.
        if end < .max {
            let latest = Duration.milliseconds(end - tools.world.uptime()) + .seconds(2)
            command.deadline = min(command.deadline ?? latest, latest)
        }
        command.environment[Self.keyVariable] = key
        command.environment[Self.driverVariable] = tools.world.driver.id
        let child = tools.children.place()
        let announcement = Mutex<Alarm?>(nil)
        defer {
            child.leave()
            announcement.withLock { $0?.cancel() }
        }
        do throws(ProcessError) {
            return try await body(command) { [launched, program = command.executable] identity in
                child.take(identity)
                // Of what is over in a moment nobody has to know where it was; a thousand short stages cost no entry more.
                let launch = Launch(program: program, pid: identity.pid, started: identity.text)
                announcement.withLock { $0 = Alarms.shared.set(after: .milliseconds(100)) { launched(launch) } }
            }
        } catch {
            throw StageFailure(error, running: command)
        }
    }

    /// Runs a program for what it prints; a bad end is a failure with the last of its words.
    func read(_ command: Command, limit: Int = 4 << 20) async throws(StageFailure) -> [UInt8] {
        let asked = try await ask(command, limit: limit)
        guard asked.outcome.succeeded else { throw badEnd(of: command, asked) }
        return asked.standardOutput
    }

    /// Runs a program for what it prints, whatever its end.
    func ask(_ command: Command, limit: Int = 4 << 20) async throws(StageFailure) -> Captured {
        var command = command
        command.deadline = command.deadline ?? Self.patience
        do throws(ProcessError) {
            return try await capture(command, limit: limit)
        } catch {
            throw StageFailure(error, running: command)
        }
    }

    /// The failure of a program that ended badly.
    func badEnd(of command: Command, _ asked: Captured) -> StageFailure {
        let words = tools.vault.redact(asked.errorText).split(separator: "\n").suffix(4).joined(separator: "; ")
        return StageFailure(
            "command-failed", "'\(command.description)' ended with \(asked.outcome.termination.words): \(words)", isPassing: true)
    }
}

extension StageFailure {
    /// A program that could not be run.
    fileprivate init(_ error: ProcessError, running command: Command) {
        self.init("program-missing", error.description, remedy: "Install \(command.executable), or correct PATH.")
    }
}
