import Executors
import Glibc
import Subprocess
import SystemPackage

/// Runs a program and hands over its output piece by piece while it runs.
///
/// The program leads a session of its own: a Ctrl-C at our terminal does not reach it. When its deadline passes or the task is
/// cancelled, its whole process group gets INT, after ``Command/grace`` TERM and after another KILL; the call then returns with what it
/// ended with.
/// Descendants never outlive the call, except those that started a session of their own.
///
/// - Parameters:
///   - command: what to run.
///   - started: is told who was started before any output is handed over, to record it. If it throws, the group is ended again and
///     the error is ``ProcessError/Code/refused``. It is cancelled with the program.
///   - output: takes the output. Both streams are read at the same time, so it may be called for both at once, but never twice for one:
///     within a stream the order is kept. While it is busy the program waits; at most 64 KiB a stream are held.
public func run(
    _ command: Command,
    started: @escaping @Sendable (ProcessIdentity) async throws -> Void = { _ in },
    output: @escaping @Sendable (OutputStream, [UInt8]) async -> Void
) async throws(ProcessError) -> Outcome {
    let standardOutput = try OutputPipe()
    let standardError: OutputPipe
    do { standardError = try OutputPipe() } catch {
        try? standardOutput.writeEnd.close()
        standardOutput.close()
        throw error
    }
    let result: Result<Outcome, ProcessError>
    do {
        result = .success(
            try await launch(
                command, standardOutput, standardError, started: started
            ) { index, piece in await output(index == 0 ? .standardOutput : .standardError, piece) })
    } catch {
        result = .failure(error)
    }
    standardOutput.close()
    standardError.close()
    return try result.get()
}

/// Starts the program on two pipes, whose ends for writing it closes also on failure, and supervises it.
private func launch(
    _ command: Command, _ standardOutput: OutputPipe, _ standardError: OutputPipe,
    started: @escaping @Sendable (ProcessIdentity) async throws -> Void,
    take: @escaping @Sendable (Int, [UInt8]) async -> Void
) async throws(ProcessError) -> Outcome {
    let configuration: Configuration
    let input: FileDescriptor
    do throws(ProcessError) {
        try command.validate()
        try command.checkWorkingDirectory()
        configuration = Configuration(command, path: try command.resolvedExecutable())
        if Task.isCancelled {
            throw ProcessError(.cancelled, "Did not start \(command.executable): the task was cancelled before.")
        }
        input = try FileDescriptor.standardInput(holding: command.input)
    } catch {
        try? standardOutput.writeEnd.close()
        try? standardError.writeEnd.close()
        throw error
    }
    let clock = ContinuousClock()
    let start = clock.now
    let (events, signal) = AsyncStream.makeStream(of: Watch.Event.self)
    // The library and every `await` below would give up on cancellation; we see it through instead.
    let supervision = uncancelled {
        () -> Result<(TerminationStatus, Outcome.Ending, (any Error)?), ProcessError> in
        do {
            let result = try await Subprocess.run(
                configuration,
                input: .fileDescriptor(input, closeAfterSpawningProcess: true),
                output: .fileDescriptor(standardOutput.writeEnd, closeAfterSpawningProcess: true),
                error: .fileDescriptor(standardError.writeEnd, closeAfterSpawningProcess: true)
            ) { execution in
                let child = execution.processIdentifier
                guard child.processDescriptor >= 0 else {
                    kill(-child.value, SIGKILL)
                    let reason = ProcessError(
                        .lostSight, "Ended \(command.executable) again: no pidfd, this needs Linux 5.4 or newer.")
                    return (ended: Outcome.Ending.cancelled, refusal: reason as (any Error)?)
                }
                return await Supervision(
                    pid: child.value, pidDescriptor: child.processDescriptor, command: command,
                    outputs: [standardOutput, standardError], events: events, signal: signal
                ).untilTheEnd(started: started, take: take)
            }
            return .success((result.terminationStatus, result.closureResult.ended, result.closureResult.refusal))
        } catch let error as SubprocessError {
            return .failure(ProcessError(error, command: command))
        } catch {
            return .failure(ProcessError(.lostSight, "Lost sight of \(command.executable): \(error)."))
        }
    }
    let (status, ended, refusal) = try await withTaskCancellationHandler {
        await supervision.value
    } onCancel: {
        signal.yield(.stop(.cancelled))
    }.get()
    if let known = refusal as? ProcessError, known.code == .lostSight { throw known }
    if let refusal {
        throw ProcessError(
            .refused, "Ended \(command.executable) again: its start could not be recorded (\(refusal)).", underlying: refusal)
    }
    return Outcome(termination: Outcome.Termination(status), ended: ended, elapsed: clock.now - start)
}
