import Hummingbird
import Journal
public import Logging
public import Postgres
import PostgresStores
public import ServiceLifecycle
public import Serving

package import struct Pipeline.TimeSpan

/// The API over the ledger: environments, releases, runs and approvals as projections of what shipit recorded, for who has a token.
public struct ControlPlane: Sendable {
    private let source: LedgerSource
    private let database: Database?
    private let access: AccessSettings
    private var replica: (url: DatabaseURL, primary: DatabaseURL)?
    /// What is expected of the ledger's replica; a test says otherwise.
    var lag = PostgresReplica.Limits()
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

    /// Reads `DATABASE_URL`, the service's own database, `LEDGER_URL`, where shipit records what it does, and `DATABASE_REPLICA_URL`, a
    /// replica of the latter.
    ///
    /// One may be left out: without `LEDGER_URL` the ledger is in the same database, and without `DATABASE_URL`, as when the page
    /// is to show a ledger to everybody and no more, there are neither tokens nor announcements.
    public init(environment: [String: String]) throws(SettingsError) {
        let database = try Self.url("DATABASE_URL", in: environment)
        guard let location = try Self.url("LEDGER_URL", in: environment) ?? database else { throw Self.databaseMissing }
        let access = try AccessSettings(environment: environment)
        guard database != nil || access.readingIsOpen else {
            throw SettingsError(
                "DATABASE_URL is not set, so there are no tokens, and API_READ is not 'anyone': nobody could use this service.")
        }
        self.init(
            ledger: LedgerSource { () throws(StoreError) in try await PostgresStore(location) }, database: database,
            access: access)
        replica = try Self.url("DATABASE_REPLICA_URL", in: environment).map { ($0, location) }
    }

    /// What `DATABASE_URL` names.
    static func database(in environment: [String: String]) throws(SettingsError) -> DatabaseURL {
        guard let url = try url("DATABASE_URL", in: environment) else { throw databaseMissing }
        return url
    }

    /// What the variable names; nil where it is not set, or empty.
    private static func url(_ variable: String, in environment: [String: String]) throws(SettingsError) -> DatabaseURL? {
        guard let text = environment[variable], !text.isEmpty else { return nil }
        do throws(PostgresError) { return try DatabaseURL(text) } catch {
            throw SettingsError("\(variable): \(error.message)")
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
        let followers = Followers(followers, access: access, logger: logger)
        let replica = replica.map { Replica($0.url, of: $0.primary, limits: lag, logger: logger) }
        let metrics = Metrics([
            Metrics.Number("shipit_database_sessions", "Sessions with the service's own database.", by: "state") { [database] in
                Self.byState(await database?.sessions)
            },
            Metrics.Number("shipit_replica_sessions", "Sessions with the ledger's replica.", by: "state") {
                Self.byState(await replica?.sessions)
            },
            Metrics.Number(
                "shipit_replica_reads_total", "Questions for the ledger's replica, by who answered.", by: "by", .counter
            ) {
                guard let reads = await replica?.reads else { return [] }
                return [("replica", reads.answered), ("primary", reads.fallen)]
            },
            Metrics.Number("shipit_followers", "Who follow runs.") { [("", await followers.count)] },
        ])
        let router = makeRouter(
            contentPolicy: "default-src 'none'; frame-ancestors 'none'", methods: Route.methods(at:), metrics: metrics,
            proxies: access.proxies)
        let routes = Routes(router: router, gate: Gate(access, database: database, hasReplica: replica != nil))
        HealthRoutes(source: source, database: database).add(to: routes)
        DescriptionRoute(metrics: metrics).add(to: routes)
        let views = LedgerRoutes(source, replica: replica)
        views.add(to: routes)
        StreamRoutes(views: views, followers: followers).add(to: routes)
        LogRoutes(views: views).add(to: routes)
        InsightRoutes(views: views, project: access.project).add(to: routes)
        InterventionRoutes(views: views).add(to: routes)
        Announcements(database: database).add(to: routes)
        StoreRoutes(views: views, access: access, judges: judges).add(to: routes)
        AccessRoutes(database: database, access: access, workflowLife: workflowLife).add(to: routes)
        let closing = Closing { [source, database, replica] in
            await source.close()
            await replica?.close()
            await database?.close()
        }
        let retention = database.map {
            Retention(database: $0, project: access.project, days: access.auditDays, logger: logger)
        }
        return makeServer(
            router, settings: settings, logger: logger, services: [closing] + [retention].compactMap(\.self),
            onListening: onListening)
    }

    private static func byState(_ sessions: (open: Int, busy: Int)?) -> [(label: String, value: Int)] {
        sessions.map { [("busy", $0.busy), ("idle", $0.open - $0.busy)] } ?? []
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
