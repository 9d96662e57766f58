package import Pipeline

/// What an attempt of a stage does to the world, and what a look at the world tells of it.
///
/// The seam between the run's owner, which decides, and the tools. ``StageEffects`` are the real ones; a simulation has its own.
package protocol Effects: Sendable {
    /// Makes an attempt.
    ///
    /// Cancelling the task ends it as soon as it can be ended in order.
    /// - Parameters:
    ///   - end: the uptime at which its time is over: whoever comes to it later, since the machine slept, begins nothing any more.
    ///   - launched: told of each program that works for the attempt, once it has begun.
    func perform(
        _ key: StageKey, of run: Run, _ stage: PlannedStage, until end: Int64, launched: @escaping @Sendable (Launch) -> Void
    ) async -> Outcome

    /// Looks what became of an attempt, once nothing of it is at work any more; changes nothing that is in use.
    ///
    /// - Parameter deadline: when the attempt's time is over, in milliseconds since 1970.
    func observe(_ key: StageKey, of run: Run, _ stage: PlannedStage, until deadline: Int64) async -> Outcome
}
