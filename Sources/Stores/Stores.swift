public import Journal

/// Opens the ledger at `location`, and makes it when it is missing.
///
/// - Parameters:
///   - location: where it is.
///   - variables: those shipit was started with, where the token for an API is.
public func open(_ location: StateLocation, variables: [String: String] = [:]) async throws(StoreError) -> any Store {
    switch location {
    case .file(let path): try await SQLiteStore(path: path)
    case .database(let url): try await PostgresStore(url)
    case .api(let address): try await RemoteStore(address, token: try APIToken(variables: variables))
    }
}
