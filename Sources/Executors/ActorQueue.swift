import Dispatch

/// A queue that one actor runs on, for an actor that waits inside a C library: what blocks there holds none of the shared threads.
public final class ActorQueue: SerialExecutor {
    private let queue: DispatchQueue

    /// A queue called `label`.
    public init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Runs the job after those before it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
