import Hummingbird
import Journal
public import Logging
public import Postgres
public import ServiceLifecycle
public import Serving
import Stores

package import struct Pipeline.TimeSpan

/// The API over the ledger: environments, releases, runs and approvals as projections of what shipit recorded, for who has a token.
public struct ControlPlane: Sendable {
    private let source: LedgerSource
    private let database: Database?
    private let access: AccessSettings
    /// How many may follow runs; a test says less.
    var followers = Followers.Limits()
    /// Whether appends are judged; the stores' contract knows nothing of what bodies mean, and its test says no.
    package var judges = true
    /// How long a token lives that a workflow gets, which can ask again; a test says less.
    package var workflowLife = TimeSpan.minutes(60)

    /// The API over the ledger in `source`.
    ///
    /// - Parameters:
    ///   - source: the ledger.
    ///   - url: the service's own database, where tokens are; without one nothing can be changed.
    ///   - access: whose ledger it is, and who may read it.
    public init(ledger source: LedgerSource, database url: DatabaseURL?, access: AccessSettings) {
        self.source = source
        self.access = access
        database = url.map { Database($0) }
    }

    /// Reads `DATABASE_URL`, the service's own database, and `LEDGER_URL`, where shipit records what it does.
    ///
    /// One may be left out: without `LEDGER_URL` the ledger is in the same database, and without `DATABASE_URL`, as when the page
    /// is to show the ledger in a local file, there are neither tokens nor announcements.
    public init(environment: [String: String]) throws(SettingsError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let database = value("DATABASE_URL") == nil ? nil : try Self.database(in: environment)
        let location: StateLocation
        switch (value("LEDGER_URL"), database) {
        case (let text?, _):
            // The store's sentence speaks of the variable of the command line; and an API is in front of a ledger, not of an API.
            guard let found = try? StateLocation(parsing: text), found.isDirect else {
                throw SettingsError(
                    "LEDGER_URL is no ledger: set it to postgres://USER:PASSWORD@HOST:PORT/DATABASE, or to the path of a file.")
            }
            location = found
        case (nil, let database?): location = .database(database)
        case (nil, nil): throw Self.databaseMissing
        }
        let access = try AccessSettings(environment: environment)
        guard database != nil || access.readingIsOpen else {
            throw SettingsError(
                "DATABASE_URL is not set, so there are no tokens, and API_READ is not 'anyone': nobody could use this service.")
        }
        self.init(
            ledger: LedgerSource { () throws(StoreError) in try await Stores.open(location) }, database: database, access: access)
    }

    /// What `DATABASE_URL` names.
    static func database(in environment: [String: String]) throws(SettingsError) -> DatabaseURL {
        guard let text = environment["DATABASE_URL"], !text.isEmpty else { throw databaseMissing }
        do throws(PostgresError) { return try DatabaseURL(text) } catch {
            throw SettingsError("DATABASE_URL: \(error.message)")
        }
    }

    private static let databaseMissing = SettingsError(
        "DATABASE_URL is not set: set it to postgres://USER:PASSWORD@HOST:PORT/DATABASE.")

    /// The server, as a service to run.
    ///
    /// - Parameters:
    ///   - settings: where it listens.
    ///   - logger: where it logs.
    ///   - onListening: told the port once connections are accepted.
    public func server(
        _ settings: ServerSettings, logger: Logger, onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> any Service {
        let followers = Followers(followers, logger: logger)
        let metrics = Metrics([
            Metrics.Gauge("shipit_database_sessions", "Sessions with the service's own database.", by: "state") { [database] in
                guard let sessions = await database?.sessions else { return [] }
                return [("busy", sessions.busy), ("idle", sessions.open - sessions.busy)]
            },
            Metrics.Gauge("shipit_followers", "Who follow runs.") { [("", await followers.count)] },
        ])
        let router = makeRouter(
            contentPolicy: "default-src 'none'; frame-ancestors 'none'", methods: Route.methods(at:), metrics: metrics)
        let routes = Routes(router: router, gate: Gate(access, database: database))
        HealthRoutes(source: source).add(to: routes)
        DescriptionRoute(metrics: metrics).add(to: routes)
        let views = LedgerRoutes(source)
        views.add(to: routes)
        StreamRoutes(views: views, followers: followers).add(to: routes)
        LogRoutes(views: views).add(to: routes)
        InsightRoutes(views: views, project: access.project).add(to: routes)
        InterventionRoutes(views: views).add(to: routes)
        Announcements(database: database).add(to: routes)
        StoreRoutes(views: views, judges: judges).add(to: routes)
        AccessRoutes(database: database, access: access, workflowLife: workflowLife).add(to: routes)
        let closing = Closing { [source, database] in
            await source.close()
            await database?.close()
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
