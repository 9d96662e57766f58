public import Journal
import PostgresStores
import RemoteStores
import SQLiteStores

/// Opens the ledger at `location`, and makes it when it is missing.
///
/// - Parameters:
///   - location: where it is.
///   - variables: those shipit was started with, where the token for an API is.
///   - learn: is told of every secret that is got on the way, now or later, before it is used.
public func open(
    _ location: StateLocation, variables: [String: String] = [:], learn: @escaping @Sendable (String) -> Void = { _ in }
) async throws(StoreError) -> any Store {
    switch location {
    case .file(let path): try await SQLiteStore(path: path)
    case .database(let url): try await PostgresStore(url)
    case .api(let address): try await RemoteStore(address, as: try Bearer(variables: variables), learn: learn)
    }
}
