import Journal

/// A ledger for what asks none: every call is refused.
struct ClosedStore: RefusingStore {
    var refusal: StoreError { StoreError(.failed, "No ledger is open.") }
}
