import Executors
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
        let announcement = uncancelled { () -> Result<Void, any Error> in
            do {
                guard let identity = ProcessIdentity(pid: pid) else {
                    throw ProcessError(
                        .lostSight, "Started \(command.executable), but cannot read its start time from /proc/\(pid)/stat.")
                }
                try await started(identity)
                return .success(())
            } catch {
                signal.yield(.stop(.cancelled))
                return .failure(error)
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
                    _ = await announcement.value
                    await output.forward { piece in await take(index, piece) }
                    signal.yield(.outputEnded)
                }
            }
            return await follow(announcement)
        }
        switch await announcement.value {
        case .success: return (ended, nil)
        case .failure(let error): return (ended, error)
        }
    }

    private func follow(_ announcement: Task<Result<Void, any Error>, Never>) async -> Outcome.Ending {
        var watch = Watch(grace: command.grace, openOutputs: outputs.count)
        var patience: Alarm?
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

    private func timer(_ duration: Duration, _ event: Watch.Event) -> Alarm {
        Alarms.shared.set(after: duration) { [signal] in signal.yield(event) }
    }
}
