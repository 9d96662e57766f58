import Hummingbird
import Journal
public import Logging
public import Postgres
public import ServiceLifecycle
public import Serving
import Stores

/// The API over the ledger: environments, releases, runs and approvals as projections of what shipit recorded.
public struct ControlPlane: Sendable {
    private let source: LedgerSource
    private let announcements: Announcements

    /// The API over the ledger in `source`, with announcements from the database at `url`, if there is one.
    public init(ledger source: LedgerSource, announcements url: DatabaseURL?) {
        self.source = source
        announcements = Announcements(url)
    }

    /// Reads `DATABASE_URL`, the service's own database, and `LEDGER_URL`, where shipit records what it does.
    ///
    /// One may be left out: without `LEDGER_URL` the ledger is in the same database, and without `DATABASE_URL`, as when the page
    /// is to show the ledger in a local file, there are no announcements.
    public init(environment: [String: String]) throws(SettingsError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        var database: DatabaseURL?
        if let text = value("DATABASE_URL") {
            do throws(PostgresError) { database = try DatabaseURL(text) } catch {
                throw SettingsError("DATABASE_URL: \(error.message)")
            }
        }
        let location: StateLocation
        switch (value("LEDGER_URL"), database) {
        case (let text?, _):
            do { location = try StateLocation(parsing: text) } catch {
                // The store's sentence speaks of the variable of the command line.
                throw SettingsError(
                    "LEDGER_URL is no ledger: set it to postgres://USER:PASSWORD@HOST:PORT/DATABASE, or to the path of a file.")
            }
        case (nil, let database?): location = .database(database)
        case (nil, nil):
            throw SettingsError("DATABASE_URL is not set: set it to postgres://USER:PASSWORD@HOST:PORT/DATABASE.")
        }
        self.init(ledger: LedgerSource { () throws(StoreError) in try await Stores.open(location) }, announcements: database)
    }

    /// The server, as a service to run.
    ///
    /// - Parameters:
    ///   - settings: where it listens.
    ///   - logger: where it logs.
    ///   - onListening: told the port once connections are accepted.
    public func server(
        _ settings: ServerSettings, logger: Logger, onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> any Service {
        let router = makeRouter(contentPolicy: "default-src 'none'; frame-ancestors 'none'")
        HealthRoutes(source: source).add(to: router)
        let api = router.group("api")
        LedgerRoutes(source).add(to: api)
        announcements.add(to: api)
        let closing = Closing { [source, announcements] in
            await source.close()
            await announcements.close()
        }
        return makeServer(router, settings: settings, logger: logger, services: [closing], onListening: onListening)
    }
}

/// Holds on until the server has stopped, then lets go of what the server used.
private struct Closing: Service {
    let close: @Sendable () async -> Void

    /// Services are stopped in reverse order: this one, which was started before the server, after it.
    func run() async throws {
        try? await gracefulShutdown()
        await close()
    }
}
