public import Journal
import Records

/// The ledger, opened when it is first asked for: a service whose database is down starts, and is ready when it comes back.
public actor LedgerSource {
    private enum State {
        case closed
        case opening(Task<Result<any Store, StoreError>, Never>)
        case open(any Store)
        case ended
    }

    private let open: @Sendable () async throws(StoreError) -> any Store
    private var state = State.closed

    /// The ledger that `open` opens; it is asked again after a failure.
    public init(_ open: @escaping @Sendable () async throws(StoreError) -> any Store) {
        self.open = open
    }

    /// The ledger; all callers share one attempt to open it.
    func ledger() async throws(StoreError) -> Ledger {
        switch state {
        case .open(let store): return Ledger(store)
        case .ended: throw StoreError(.failed, "The service is stopping and uses the ledger no more.")
        case .opening(let task): return Ledger(try await task.value.get())
        case .closed:
            let task = Task { [open] () -> Result<any Store, StoreError> in
                do throws(StoreError) { return .success(try await open()) } catch { return .failure(error) }
            }
            state = .opening(task)
            let result = await task.value
            if case .ended = state {
                if case .success(let store) = result { await store.close() }
                return try await ledger()
            }
            if case .success(let store) = result { state = .open(store) } else { state = .closed }
            return Ledger(try result.get())
        }
    }

    /// Ends the connections; whoever asks later is refused.
    func close() async {
        let last = state
        state = .ended
        if case .open(let store) = last { await store.close() }
    }
}
