import Dispatch
import Glibc

/// The watch over one started program: turns what happens into events for ``Watch`` and its steps into signals and timers.
///
/// Runs in a task of its own that nobody cancels: a cancellation arrives as ``Watch/Event/stop(_:)``, and the end is awaited either way.
struct Supervision: Sendable {
    let pid: pid_t
    let pidDescriptor: Int32
    let command: Command
    let outputs: [OutputPipe]
    let events: AsyncStream<Watch.Event>
    let signal: AsyncStream<Watch.Event>.Continuation

    /// Returns who ended the program and what `started` threw, when the program is a zombie and its group is gone.
    func untilTheEnd(
        started: @escaping @Sendable (ProcessIdentity) async throws -> Void,
        take: @escaping @Sendable (_ output: Int, _ piece: [UInt8]) async -> Void
    ) async -> (ended: Outcome.Ending, refusal: (any Error)?) {
        let announcement = Task {
            do {
                guard let identity = ProcessIdentity(pid: pid) else {
                    throw ProcessError(
                        .lostSight, "Started \(command.executable), but cannot read its start time from /proc/\(pid)/stat.")
                }
                try await started(identity)
            } catch {
                signal.yield(.stop(.cancelled))
                throw error
            }
        }
        let deadline = command.deadline.map { timer($0, .stop(.deadline)) }
        defer { deadline?.cancel() }

        let ended = await withTaskGroup(of: Void.self) { group in
            let exit = Readiness(of: pidDescriptor)
            group.addTask {
                _ = await exit.wait()
                exit.stop()
                signal.yield(.exited)
            }
            for (index, output) in outputs.enumerated() {
                group.addTask {
                    // Nobody sees output of a program that was not announced yet.
                    _ = await announcement.result
                    await output.forward { piece in await take(index, piece) }
                    signal.yield(.outputEnded)
                }
            }
            return await follow(announcement)
        }
        switch await announcement.result {
        case .success: return (ended, nil)
        case .failure(let error): return (ended, error)
        }
    }

    private func follow(_ announcement: Task<Void, any Error>) async -> Outcome.Ending {
        var watch = Watch(grace: command.grace, openOutputs: outputs.count)
        var patience: DispatchWorkItem?
        defer { patience?.cancel() }
        for await event in events {
            for step in watch.steps(after: event) {
                switch step {
                case .interruptGroup:
                    announcement.cancel()
                    kill(-pid, SIGINT)
                case .terminateGroup:
                    kill(-pid, SIGTERM)
                case .killGroup:
                    kill(-pid, SIGKILL)
                case .wait(let duration):
                    patience = timer(duration, .patienceOver)
                case .abandonOutput:
                    for output in outputs { output.abandon() }
                case .finish:
                    return watch.ended
                }
            }
        }
        return watch.ended
    }

    private func timer(_ duration: Duration, _ event: Watch.Event) -> DispatchWorkItem {
        let item = DispatchWorkItem { signal.yield(event) }
        let (seconds, attoseconds) = duration.components
        DispatchQueue.global().asyncAfter(
            deadline: .now() + .seconds(Int(clamping: seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000)), execute: item)
        return item
    }
}
