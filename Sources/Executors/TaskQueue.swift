import Dispatch

/// A queue that tasks prefer which hand each other work in microseconds: waking a thread of the pool for each such piece costs more
/// than the pieces.
public final class TaskQueue: TaskExecutor {
    private let queue: DispatchQueue

    /// A queue called `label`.
    public init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Runs the job after those before it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
