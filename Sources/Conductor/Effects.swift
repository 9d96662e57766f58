package import Pipeline

/// What an attempt of a stage does to the world, and what a look at the world tells of it.
///
/// The seam between the run's owner, which decides, and the tools. ``StageEffects`` are the real ones; a simulation has its own.
package protocol Effects: Sendable {
    /// Makes an attempt.
    ///
    /// Cancelling the task ends it as soon as it can be ended in order.
    /// - Parameters:
    ///   - attempt: what is to be done.
    ///   - end: the uptime at which its time is over: whoever comes to it later, since the machine slept, begins nothing any more.
    ///   - launched: told of each program that works for the attempt, once it has begun.
    func perform(
        _ attempt: PlannedAttempt, until end: Int64, launched: @escaping @Sendable (Launch) -> Void
    ) async -> Outcome

    /// Looks what became of an attempt, once nothing of it is at work any more; changes nothing that is in use.
    ///
    /// - Parameters:
    ///   - attempt: what was to be done.
    ///   - deadline: when the attempt's time is over, in milliseconds since 1970.
    func observe(_ attempt: PlannedAttempt, until deadline: Int64) async -> Outcome
}

/// What an attempt is about: of its run only what stays as it is.
///
/// Whoever keeps the run itself makes its next event copy all that it holds, which costs as much as the plan is long.
package struct PlannedAttempt: Sendable {
    /// The stage and the attempt's number.
    package var key: StageKey
    /// The run.
    package var run: RunID
    /// The plan that the stage belongs to.
    package var plan: Plan
    /// The stage.
    package var stage: PlannedStage
    /// What fills the stage's inputs.
    package var inputs: InputValues
}
