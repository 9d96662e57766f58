public import Journal

/// Opens the ledger at `location`, and makes it when it is missing.
public func open(_ location: StateLocation) async throws(StoreError) -> any Store {
    switch location {
    case .file(let path): try await SQLiteStore(path: path)
    case .database(let url): try await PostgresStore(url)
    }
}
