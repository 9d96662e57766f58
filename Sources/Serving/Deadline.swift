/// What `work` returns, or nil when `limit` passes or the task is cancelled first.
///
/// Late work is cancelled and not waited for, so the caller is answered in time even where a library cannot be interrupted
/// (name look-ups block); that is why the work runs in a task of its own.
public func within<Answer: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async -> Answer
) async -> Answer? {
    let (outcomes, continuation) = AsyncStream.makeStream(of: Answer?.self)
    let working = Task { continuation.yield(await work()) }
    let waiting = Task {
        do { try await Task.sleep(for: limit) } catch { return }
        continuation.yield(nil)
    }
    defer {
        working.cancel()
        waiting.cancel()
    }
    for await outcome in outcomes { return outcome }
    return nil
}
