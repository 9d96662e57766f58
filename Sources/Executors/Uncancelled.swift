/// Starts a task that cancellation of the caller does not reach, where the caller runs.
///
/// `Task.init` keeps no executor preference and a child task inherits cancellation; what must be seen to its end needs neither.
public func uncancelled<Success: Sendable>(_ work: sending @escaping () async -> Success) -> Task<Success, Never> {
    let executor = unsafe withUnsafeCurrentTask { unsafe $0?.unownedTaskExecutor?.asTaskExecutor() }
    return Task(executorPreference: executor) { await work() }
}
