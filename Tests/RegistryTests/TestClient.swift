import HTTP
import Registry
import Synchronization
import Testing

/// What happened around a client: its waits, and what it told the user.
final class Diary: Sendable {
    private let entries = Mutex<(waits: [Duration], notices: [String])>(([], []))

    var waits: [Duration] { entries.withLock { $0.waits } }
    var notices: [String] { entries.withLock { $0.notices } }

    func wait(_ duration: Duration) { entries.withLock { $0.waits.append(duration) } }
    func note(_ text: String) { entries.withLock { $0.notices.append(text) } }
}

/// A clock that moves when told to.
final class TestClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 += duration } }
}

extension RegistryClient {
    /// A client that never waits; by default octo's.
    static func test(
        _ diary: Diary = Diary(), clock: TestClock = TestClock(), as credentials: Credentials? = TestRegistry.octo
    ) -> RegistryClient {
        let timing = RegistryTiming(random: { 0 }, now: { clock.now }, sleep: { diary.wait($0) })
        return RegistryClient(http: HTTPClient(), timing: timing, notice: { diary.note($0) }, credentials: { _ in credentials })
    }
}

/// The error of `body`; nil, and an issue, when there is none.
func error<T>(
    of body: () async throws(RegistryError) -> T, sourceLocation: SourceLocation = #_sourceLocation
) async -> RegistryError? {
    do throws(RegistryError) {
        let value = try await body()
        Issue.record("expected an error, got \(value)", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error
    }
}
