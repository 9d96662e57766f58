import CCurl
import Glibc
import Synchronization

/// The one thread that runs a client's transfers, and its inbox.
///
/// libcurl's handles belong to that thread alone; tasks put into the inbox what it shall do and wake it. The inbox
/// is behind a lock, not in an actor, because the thread blocks inside libcurl and cannot await.
final class TransferLoop: Sendable {
    /// A request that waits for its answer; its continuation is resumed exactly once.
    struct Submission: Sendable {
        let ticket: UInt64
        let request: HTTPRequest
        let address: HTTPAddress
        /// Where the answer goes while it comes; nil when it is kept and returned as a whole.
        let tap: Tap?
        let continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>
    }

    private enum Phase {
        case idle
        case starting
        case running(MultiHandle.Waker)
        case stopped
    }

    private struct Inbox {
        var phase = Phase.idle
        var submissions: [Submission] = []
        var withdrawals: Set<UInt64> = []
        var resumptions: Set<UInt64> = []

        /// Ends the thread's wait.
        ///
        /// Safe under the lock only: the handle is gone once the phase is `stopped`.
        func wake() {
            if case .running(let waker) = phase { waker.wake() }
        }
    }

    private static let libraryIsReady = shipit_curl_global_init() == CURLE_OK

    private let settings: TransferSettings
    private let tickets = Atomic<UInt64>(0)
    private let inbox = Mutex(Inbox())

    init(settings: TransferSettings) {
        self.settings = settings
    }

    /// A number for one submission.
    func ticket() -> UInt64 {
        tickets.add(1, ordering: .relaxed).newValue
    }

    /// Hands a request to the thread, which the first one starts.
    func submit(_ submission: Submission) {
        let isFirst = inbox.withLock { inbox in
            inbox.submissions.append(submission)
            guard case .idle = inbox.phase else {
                inbox.wake()
                return false
            }
            inbox.phase = .starting
            return true
        }
        if isFirst, !startThread() { abandon("no thread could be started for it") }
    }

    /// Ends the transfer of that ticket with `cancelled`; does nothing when it is over or was never submitted.
    func withdraw(_ ticket: UInt64) {
        inbox.withLock { inbox in
            inbox.withdrawals.insert(ticket)
            inbox.wake()
        }
    }

    /// Goes on with the transfer of that ticket, whose tap had no room; does nothing when it is over.
    func resume(_ ticket: UInt64) {
        inbox.withLock { inbox in
            inbox.resumptions.insert(ticket)
            inbox.wake()
        }
    }

    /// Ends the thread.
    ///
    /// Called once, when nobody can submit any more.
    func stop() {
        inbox.withLock { inbox in
            inbox.wake()
            inbox.phase = .stopped
        }
    }

    // MARK: The thread

    private func startThread() -> Bool {
        // Signals are other threads' business; and a broken TLS connection must not raise SIGPIPE here.
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }

        var thread = pthread_t()
        let this = unsafe Unmanaged.passRetained(self)
        let code = unsafe pthread_create(
            &thread, nil,
            { raw in
                if let raw = unsafe raw { unsafe Unmanaged<TransferLoop>.fromOpaque(raw).takeRetainedValue().run() }
                return nil
            }, this.toOpaque())
        guard code == 0 else {
            unsafe this.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func run() {
        guard Self.libraryIsReady, let multi = MultiHandle() else { return abandon("libcurl could not be started") }
        let mayRun = inbox.withLock { inbox in
            guard case .starting = inbox.phase else { return false }
            inbox.phase = .running(multi.waker)
            return true
        }
        guard mayRun else { return }

        var transfers: [EasyHandle.ID: Transfer] = [:]
        while let arrived = take() {
            for submission in arrived.submissions {
                if let transfer = start(submission, multi) { transfers[transfer.easy.id] = transfer }
            }
            for (id, transfer) in transfers where arrived.withdrawals.contains(transfer.submission.ticket) {
                transfers[id] = nil
                transfer.end(with: .failure(transfer.cancellation), multi)
            }
            for (id, transfer) in transfers where arrived.resumptions.contains(transfer.submission.ticket) {
                do throws(CurlFailure) { try transfer.resume() } catch {
                    transfers[id] = nil
                    transfer.end(with: transfer.result(error.code), multi)
                }
            }
            multi.perform { id, code in
                if let transfer = transfers.removeValue(forKey: id) { transfer.end(with: transfer.result(code), multi) }
            }
            multi.wait()
        }
        for transfer in transfers.values { transfer.end(with: .failure(transfer.cancellation), multi) }
    }

    /// What arrived since the last call; nil once the client is gone.
    private func take() -> Inbox? {
        inbox.withLock { inbox in
            if case .stopped = inbox.phase { return nil }
            defer { inbox = Inbox(phase: inbox.phase) }
            return inbox
        }
    }

    private func start(_ submission: Submission, _ multi: borrowing MultiHandle) -> Transfer? {
        do throws(CurlFailure) {
            let transfer = try Transfer(submission, settings)
            guard multi.add(transfer.easy) else { throw CurlFailure(code: CURLE_FAILED_INIT) }
            return transfer
        } catch {
            submission.continuation.resume(returning: .failure(submission.error(error.code)))
            return nil
        }
    }

    /// Answers everybody in the inbox when no thread will; the next submission tries again.
    private func abandon(_ why: String) {
        let submissions = inbox.withLock { inbox in
            defer {
                inbox.submissions = []
                inbox.phase = .idle
            }
            return inbox.submissions
        }
        for submission in submissions {
            submission.continuation.resume(returning: .failure(HTTPError(.other, "\(submission.title) was not sent: \(why).")))
        }
    }
}
