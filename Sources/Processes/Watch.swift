/// What to do about a process group as it comes to its end; pure, so that every order of events can be tried.
///
/// The group is the program and all its descendants that did not leave its session. Nothing of it outlives the call:
/// what holds the output open may go on for ``linger`` after the program's own end, anything else is killed right then.
struct Watch {
    enum Event: Sendable {
        /// The program itself has ended and is a zombie still, so that its number cannot belong to a stranger.
        case exited
        /// One output stream has come to its end.
        case outputEnded
        /// It is to end now, for this reason.
        case stop(Outcome.Ending)
        /// The time asked for by ``Step/wait(_:)`` is over.
        case patienceOver
    }

    enum Step: Sendable, Equatable {
        case interruptGroup
        case terminateGroup
        case killGroup
        case wait(Duration)
        case abandonOutput
        case finish
    }

    /// How long a descendant may hold the output after the program ended by itself, so that `cmd | tee`-like tails arrive.
    static let linger = Duration.seconds(1)

    private let grace: Duration
    private var openOutputs: Int
    private var stopped: Outcome.Ending?
    private var hasExited = false
    private var isTerminated = false
    private var isKilled = false

    init(grace: Duration, openOutputs: Int) {
        self.grace = grace
        self.openOutputs = openOutputs
    }

    /// Who ended the program.
    var ended: Outcome.Ending { stopped ?? .byItself }

    /// Takes in what happened and says what to do about it.
    mutating func steps(after event: Event) -> [Step] {
        switch event {
        case .exited:
            hasExited = true
            if openOutputs == 0 { return [.killGroup, .finish] }
            if isKilled { return [.abandonOutput] }
            // After a stop the grace is running already.
            return stopped == nil ? [.wait(min(Self.linger, grace))] : []
        case .outputEnded:
            openOutputs -= 1
            return openOutputs == 0 && hasExited ? [.killGroup, .finish] : []
        case .stop(let reason):
            guard stopped == nil, !hasExited else { return [] }
            stopped = reason
            return [.interruptGroup, .wait(grace)]
        case .patienceOver:
            // What is left of a group that ended by itself was never asked, nor does anybody wait for it.
            if stopped != nil, !isTerminated {
                isTerminated = true
                return [.terminateGroup, .wait(grace)]
            }
            isKilled = true
            // Once the group is dead, whoever holds the output still has left the session and is not ours to end.
            return hasExited ? [.killGroup, .abandonOutput] : [.killGroup]
        }
    }
}
