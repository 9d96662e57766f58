import Executors
import Journal
public import Pipeline
import Processes
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// What the Conductor asks of the world besides its tools: time, chance, and who and where it is.
///
/// Wired in one place; a test wires its own.
public struct World: Sendable {
    /// The time, in milliseconds since 1970.
    public var now: @Sendable () -> Int64
    /// Milliseconds since some moment, by a clock that nobody sets and that does not stand still while the machine sleeps.
    public var uptime: @Sendable () -> Int64
    /// A random number of 64 bits.
    public var random: @Sendable () -> UInt64
    /// Waits; throws when the task is cancelled meanwhile.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// What the table of processes says of a driver that runs in the same place.
    public var isRunning: @Sendable (Driver) -> Sight
    /// What the table of processes says of the programs that such a driver has started, be it dead or alive.
    public var hasPrograms: @Sendable (Driver) -> Sight
    /// The variables shipit was started with.
    public var variables: [String: String]
    /// This process.
    public var driver: Driver
    /// The person or the machine account that acts.
    public var actor: String

    /// A world.
    public init(
        now: @escaping @Sendable () -> Int64, uptime: @escaping @Sendable () -> Int64, random: @escaping @Sendable () -> UInt64,
        sleep: @escaping @Sendable (Duration) async throws -> Void, isRunning: @escaping @Sendable (Driver) -> Sight,
        hasPrograms: @escaping @Sendable (Driver) -> Sight, variables: [String: String], driver: Driver, actor: String
    ) {
        self.now = now
        self.uptime = uptime
        self.random = random
        self.sleep = sleep
        self.isRunning = isRunning
        self.hasPrograms = hasPrograms
        self.variables = variables
        self.driver = driver
        self.actor = actor
    }

    /// The real world.
    public static func real() -> World {
        let variables = Command.inheritedEnvironment
        let host = hostName()
        let identity = try? ProcessIdentity.current()
        let driver = Driver(
            id: Base32.text(of: UInt64.random(in: .min ... .max), digits: 12), host: host, pid: getpid(),
            started: identity?.text ?? "unknown", place: .current())
        return World(
            now: { milliseconds(of: CLOCK_REALTIME) }, uptime: { milliseconds(of: CLOCK_BOOTTIME) },
            random: { UInt64.random(in: .min ... .max) }, sleep: { try await Alarms.shared.sleep(for: $0) },
            isRunning: Sight.init(ofProcess:), hasPrograms: Sight.init(ofProgramsOf:), variables: variables, driver: driver,
            actor: Self.actor(variables, host: host))
    }

    private static func milliseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Whether a CI service started us: they all set `CI`.
    public var isCI: Bool { ["true", "1"].contains(variables["CI"] ?? "") }

    /// Who records here.
    var scribe: Scribe { Scribe(actor: actor, now: now, uptime: uptime, random: random, sleep: sleep) }

    /// A stamped event.
    public func stamp<Event>(_ event: Event) -> Stamped<Event> {
        Stamped(event, at: now(), by: actor)
    }

    /// A new run's id.
    public func runID() -> RunID {
        RunName.name(at: now(), chance: random())
    }

    /// `SHIPIT_ACTOR`, the person GitHub Actions names, or USER@HOST.
    private static func actor(_ variables: [String: String], host: String) -> String {
        for name in ["SHIPIT_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN"] {
            if let value = variables[name], !value.isEmpty { return value }
        }
        return "\(variables["USER"] ?? variables["LOGNAME"] ?? userName())@\(host)"
    }

    private static func userName() -> String {
        guard let entry = unsafe getpwuid(getuid()), let name = unsafe entry.pointee.pw_name else { return "uid\(getuid())" }
        return unsafe String(cString: name)
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
