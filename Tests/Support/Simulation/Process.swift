import Journal
import Pipeline
import Synchronization

/// A machine with a clock that may be wrong.
final class Host: Sendable {
    /// What it is called, which others may be as well.
    let name: String
    /// What tells it from every other.
    let boot: String
    private let offset: Mutex<Int64>

    init(_ name: String, boot: String, offset: Int64) {
        self.name = name
        self.boot = boot
        self.offset = Mutex(offset)
    }

    /// What the machine's clock says at `time`.
    func clock(at time: Int64) -> Int64 { offset.withLock { time + $0 } }

    /// Sets the clock wrong.
    func jump(by span: Int64) { offset.withLock { $0 += span } }
}

/// A simulated shipit: a driver that can be killed, put to sleep, and told to stop.
final class Process: Sendable {
    private struct State {
        var isDead = false
        var wakes: Int64 = 0
    }

    let driver: Driver
    let host: Host
    let scheduler: Scheduler
    let interrupts: AsyncStream<String>
    private let interruption: AsyncStream<String>.Continuation
    private let state = Mutex(State())

    init(number: Int, on host: Host, as user: UInt32 = 0, scheduler: Scheduler) {
        // Processes of different machines may have the same number, and begin at the same time.
        driver = Driver(
            id: "d\(number)", host: host.name, pid: Int32(1000 + number), started: "\(number)",
            place: Whereabouts(machine: nil, boot: host.boot, namespace: 1, user: user))
        self.host = host
        self.scheduler = scheduler
        (interrupts, interruption) = AsyncStream.makeStream()
    }

    /// Whether it can see what another driver does, and ask for it.
    func sees(_ other: Driver) -> Bool { other.place == driver.place }

    /// Whether it was killed, or has ended.
    var isDead: Bool { state.withLock { $0.isDead } }

    /// SIGKILL; and what an end by itself leaves behind.
    func end() {
        let wasDead = state.withLock { state in
            defer { state.isDead = true }
            return state.isDead
        }
        if !wasDead { scheduler.tell("\(driver.id) on \(host.boot) is gone") }
        interruption.finish()
    }

    /// SIGSTOP, and SIGCONT after `span`.
    func suspend(for span: Duration) {
        scheduler.tell("\(driver.id) sleeps for \(span)")
        state.withLock { $0.wakes = max($0.wakes, scheduler.now + span.milliseconds) }
    }

    /// SIGCONT.
    func wake() { state.withLock { $0.wakes = 0 } }

    /// SIGINT.
    func interrupt() { interruption.yield("INT") }

    /// Where it touches the world: a suspended process comes no further, and a dead one never again.
    ///
    /// The time of day goes on while it sleeps; what it does next it does without knowing.
    func gate() async throws(Gone) {
        while true {
            let wakes = state.withLock { $0.wakes }
            guard wakes > scheduler.now else { break }
            // Not in the task itself: were it cancelled it would not sleep, and the suspended process does not know that it is.
            await Task(executorPreference: scheduler) { [scheduler] in
                try? await scheduler.sleep(.milliseconds(min(wakes - scheduler.now, 1000)))
            }.value
            if isDead { throw Gone() }
        }
        if isDead { throw Gone() }
    }

    /// The process is no more.
    struct Gone: Error {}
}
