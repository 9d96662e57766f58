import Dispatch

/// The one thread that everything of a drive runs on between its effects: the run's owner, its stages, their output.
///
/// A drive waits most of the time, and what it does in between takes microseconds. Handing each such piece to whichever thread of the
/// pool is free cost more than the pieces themselves: with ten stages at once, forty wake-ups of a thread a stage.
final class DriveExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "conductor.drive")

    func enqueue(_ job: UnownedJob) {
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
