import Hummingbird
import NIOCore

/// Runs tasks on the event loops, so that a request goes from the socket to its answer and back without a change of threads, which costs
/// more than most answers do.
///
/// What blocks, or computes for long, has to be elsewhere: libpq's and libcurl's calls have queues of their own, and what is made of the
/// ledger is a task of the shared pool.
final class LoopExecutor: TaskExecutor {
    private let loops: any EventLoopGroup

    /// Runs tasks on these loops; what one of them begins stays on it.
    init(_ loops: any EventLoopGroup) {
        self.loops = loops
    }

    /// Runs the job on the loop that is running, or else on the next one.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loops.any().execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
