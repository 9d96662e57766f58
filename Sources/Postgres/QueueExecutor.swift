import Dispatch

/// Runs an actor on a queue of its own, so that waiting for a socket there holds none of the shared threads.
final class QueueExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "shipit.postgres")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
