/// How often to try again, and the clock, the chance and the sleep that takes; the last three are ports, so that tests are
/// instant and repeatable.
public struct RegistryTiming: Sendable {
    /// How many times one request is sent at most.
    public var attempts: Int
    /// The least wait: GHCR asks for microseconds, and a thousand clients come back at once.
    public var floor: Duration
    /// The longest wait; a registry that asks for more gets its error reported instead.
    public var cap: Duration
    /// The most one request may take, redirects included.
    public var deadline: Duration
    /// A number from 0 up to, not including, 1.
    public var random: @Sendable () -> Double
    /// The present, for the age of tokens.
    public var now: @Sendable () -> ContinuousClock.Instant
    /// Waits; throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void

    /// Five attempts, 250 ms to 30 s apart, of 30 s each, in real time.
    public init(
        attempts: Int = 5,
        floor: Duration = .milliseconds(250),
        cap: Duration = .seconds(30),
        deadline: Duration = .seconds(30),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.attempts = attempts
        self.floor = floor
        self.cap = cap
        self.deadline = deadline
        self.random = random
        self.now = now
        self.sleep = sleep
    }

    /// The wait before sending again, after `failures` failures (at least 1); nil when the registry asks for more than the cap.
    ///
    /// What it asks for is the least, and up to half as much again is added; without a wish the wait doubles, half of it chance.
    func wait(after failures: Int, asked: Duration?) -> Duration? {
        if let asked {
            guard asked <= cap else { return nil }
            return max(asked, floor) * (1 + random() / 2)
        }
        let longest = min(cap, floor * (1 << min(failures, 16)))
        return max(floor, longest * (0.5 + random() / 2))
    }
}
