import CLinux
import Dispatch
import Glibc
import HeapModule
import Synchronization

/// Calls back when a time has come: one thread and one timer of the kernel for all, however many there are.
///
/// A stage has several deadlines that hardly ever come. With Dispatch each was a timer of its own, armed in another thread and kept until
/// its time although it was cancelled. Here one that is set later than the next costs no system call, and one that is cancelled is two
/// words until then. The time counts while the machine sleeps as well (CLOCK_BOOTTIME, timerfd_create(2)).
public final class Alarms: Sendable {
    /// Those of the process.
    public static let shared = Alarms()

    private struct Entry: Comparable {
        /// Nanoseconds of `CLOCK_BOOTTIME`.
        var time: Int64
        var number: UInt64

        static func < (one: Entry, other: Entry) -> Bool { (one.time, one.number) < (other.time, other.number) }
    }

    private struct State {
        var queue = Heap<Entry>()
        var acts: [UInt64: @Sendable () -> Void] = [:]
        var last: UInt64 = 0
        /// What the kernel's timer is set to.
        var armed = Int64.max
    }

    /// A lock, since whoever sets an alarm does not wait for the thread that calls back.
    private let state = Mutex(State())
    private let timer = timerfd_create(CLOCK_BOOTTIME, Int32(TFD_CLOEXEC))

    private init() {
        DispatchQueue(label: "executors.alarms").async { [self] in
            while true { turn() }
        }
    }

    /// Calls `act` when `duration` is over, on a thread that others wait for: it only hands on.
    public func set(after duration: Duration, _ act: @escaping @Sendable () -> Void) -> Alarm {
        let (seconds, attoseconds) = duration.components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let span = isTooLong ? Int64.max / 2 : max(0, whole) + attoseconds / 1_000_000_000
        return set(at: Self.now() + span, act)
    }

    /// Calls `act` at a time of `now`, or at once when that is past.
    func set(at time: Int64, _ act: @escaping @Sendable () -> Void) -> Alarm {
        state.withLock { state in
            state.last += 1
            state.acts[state.last] = act
            state.queue.insert(Entry(time: time, number: state.last))
            arm(&state)
            return Alarm(number: state.last, alarms: self)
        }
    }

    /// Waits; throws `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        let nap = Mutex((alarm: nil as Alarm?, sleeper: nil as CheckedContinuation<Bool, Never>?, isOver: false))
        /// Wakes the sleeper once, whoever comes first.
        @Sendable func wake(_ isRested: Bool) {
            let sleeper = nap.withLock { nap in
                nap.alarm?.cancel()
                nap.isOver = true
                defer { nap.sleeper = nil }
                return nap.sleeper
            }
            sleeper?.resume(returning: isRested)
        }
        let isRested = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = nap.withLock { nap in
                    guard !nap.isOver else { return true }
                    nap.sleeper = continuation
                    nap.alarm = set(after: duration) { wake(true) }
                    return false
                }
                if isOver { continuation.resume(returning: false) }
            }
        } onCancel: {
            wake(false)
        }
        guard isRested else { throw CancellationError() }
    }

    /// How many are set and neither called nor cancelled.
    var count: Int { state.withLock { $0.acts.count } }

    fileprivate func cancel(_ number: UInt64) {
        state.withLock { state in
            guard state.acts.removeValue(forKey: number) != nil else { return }
            // Far more that nobody waits for than others: they go before their time.
            if state.queue.count > 2 * state.acts.count + 1000 {
                let live = state.queue.unordered.filter { state.acts[$0.number] != nil }
                state.queue = Heap(live)
            }
        }
    }

    /// Sets the kernel's timer to the next alarm, unless it comes before that anyway.
    private func arm(_ state: inout State) {
        guard let next = state.queue.min, next.time < state.armed else { return }
        state.armed = next.time
        // Zero would switch it off.
        let time = max(1, next.time)
        var setting = itimerspec()
        setting.it_value = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
        _ = unsafe timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }

    /// Waits for the kernel's timer and calls back what is due.
    private func turn() {
        var expirations: UInt64 = 0
        _ = unsafe read(timer, &expirations, MemoryLayout<UInt64>.size)
        let due = state.withLock { state in
            var due: [@Sendable () -> Void] = []
            let now = Self.now()
            while let next = state.queue.min, next.time <= now {
                state.queue.removeMin()
                if let act = state.acts.removeValue(forKey: next.number) { due.append(act) }
            }
            while let next = state.queue.min, state.acts[next.number] == nil { state.queue.removeMin() }
            state.armed = .max
            arm(&state)
            return due
        }
        for act in due { act() }
    }

    /// Nanoseconds of `CLOCK_BOOTTIME`.
    static func now() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Something that is called when its time has come.
public struct Alarm: Sendable {
    fileprivate let number: UInt64
    fileprivate let alarms: Alarms

    /// It is not called any more, unless that is happening right now.
    public func cancel() { alarms.cancel(number) }
}
