public import Pipeline

/// Who records what a person decides: a name, and the clocks and the chance that recording needs.
public struct Scribe: Sendable {
    /// The person or the machine account that acts.
    public let actor: String
    /// The time, in milliseconds since 1970.
    public let now: @Sendable () -> Int64
    /// Milliseconds since some moment, by a clock that nobody sets.
    let uptime: @Sendable () -> Int64
    /// A random number of 64 bits.
    let random: @Sendable () -> UInt64
    /// Waits; throws when the task is cancelled meanwhile.
    let sleep: @Sendable (Duration) async throws -> Void

    /// Records as `actor`.
    ///
    /// - Parameters:
    ///   - actor: the person or the machine account that acts.
    ///   - now: the time, in milliseconds since 1970.
    ///   - uptime: milliseconds since some moment, by a clock that nobody sets.
    ///   - random: a random number of 64 bits.
    ///   - sleep: waits; throws when the task is cancelled meanwhile.
    public init(
        actor: String, now: @escaping @Sendable () -> Int64, uptime: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable () -> UInt64, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.actor = actor
        self.now = now
        self.uptime = uptime
        self.random = random
        self.sleep = sleep
    }

    /// A stamped event.
    public func stamp<Event>(_ event: Event) -> Stamped<Event> {
        Stamped(event, at: now(), by: actor)
    }
}
