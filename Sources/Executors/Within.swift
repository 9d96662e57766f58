/// What `work` returns, or nil when `limit` passes or the task is cancelled first.
///
/// Late work is cancelled and not waited for, so that the caller has an answer in time even where a library cannot be interrupted: a name
/// that is looked up blocks as long as the resolver does.
public func within<Answer: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async -> Answer
) async -> Answer? {
    let (answers, first) = AsyncStream.makeStream(of: Answer.self)
    let working = Task {
        first.yield(await work())
        first.finish()
    }
    let alarm = Alarms.shared.set(after: limit) { first.finish() }
    defer {
        working.cancel()
        alarm.cancel()
    }
    for await answer in answers { return answer }
    return nil
}
