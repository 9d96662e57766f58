import Executors

/// One session with a PostgreSQL server: it keeps its advisory locks, settings and transaction from call to call.
///
/// Calls run one after the other. A lost session is not opened again: whoever held something in it must know.
public actor Connection {
    private let executor = ActorQueue(label: "postgres")
    private let wake = Wake()
    private let url: DatabaseURL
    private var session: Session?
    /// How often this session was lent.
    private var uses = 0
    private static let usesUntilAsked = 8

    /// The queue this actor may block.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Opens a session that administrators see as `applicationName`, unless the URL names another.
    public init(
        _ url: DatabaseURL, applicationName: String, connectTimeout: Duration
    ) async throws(PostgresError) {
        self.url = url
        try await open(applicationName, connectTimeout)
    }

    private func open(_ name: String, _ timeout: Duration) async throws(PostgresError) {
        session = try await cancellable { () throws(PostgresError) in
            try Session(url, applicationName: name, watch: Watch(wake, for: timeout))
        }
    }

    /// Runs one statement with `values` in the places `$1`, `$2` and so on.
    ///
    /// When the task is cancelled or `timeout` passes (nil for none), the server is asked to stop; a statement that was done
    /// all the same counts as done.
    public func query(
        _ sql: String, _ values: [Value] = [], timeout: Duration? = nil
    ) async throws(PostgresError) -> QueryResult {
        let results = try await run(timeout) { (session: Session) throws(PostgresError) in try session.send(sql, values) }
        return results.last ?? .none
    }

    /// Runs statements one after the other in one round trip, and gives their results in order.
    ///
    /// They are one transaction unless they begin and end their own; the first that fails is thrown, and those after it are not run.
    public func query(pipeline: [Statement], timeout: Duration? = nil) async throws(PostgresError) -> [QueryResult] {
        let answers = try await alive { (session: Session) throws(PostgresError) in
            if Task.isCancelled { throw PostgresError(.cancelled, "The statements were cancelled before they were sent.") }
            return try session.results(pipeline: pipeline, Watch(wake, for: timeout))
        }
        return try answers.map { (answer: Answer) throws(PostgresError) in try answer.result }
    }

    /// Runs a script of any number of statements, as one transaction unless it has its own.
    ///
    /// A transaction that the script opened and that failed is rolled back, so that the session stays usable.
    public func execute(script: String, timeout: Duration? = nil) async throws(PostgresError) {
        let wasInTransaction = isInTransaction
        do throws(PostgresError) {
            _ = try await run(timeout) { (session: Session) throws(PostgresError) in try session.send(script: script) }
        } catch {
            if !wasInTransaction, isInTransaction {
                // In a task of its own, since this one may be cancelled.
                _ = try? await Task { try await self.query("ROLLBACK") }.value
            }
            throw error
        }
    }

    /// Whether a transaction is open, as after a script that began one and did not end it.
    public var isInTransaction: Bool { session?.isInTransaction ?? false }

    /// Lets the server keep the statements of pipelines that are to be kept, from now on, if its process is the one that greeted us.
    ///
    /// Behind a pooler it is another, and whom the next statement meets knows nothing of them.
    ///
    /// - Parameter process: what `pg_backend_pid()` said in this session.
    public func keepStatements(in process: Int64) {
        session?.keepsStatements = process == session?.greetedProcess
    }

    /// Does `work` where this session is, so that the threads are changed once for all of it, and says whether the session is of use to
    /// somebody else afterwards: a transaction that a failure left open must not meet the next user.
    ///
    /// A session that is used again and again is worth a question: whether the server may keep statements for it.
    func lend<T: Sendable>(
        to work: @Sendable (Connection) async throws -> T
    ) async -> (outcome: Result<T, any Error>, isReusable: Bool) {
        uses += 1
        let outcome: Result<T, any Error>
        do {
            if uses == Self.usesUntilAsked, let process = try await serverProcess() { keepStatements(in: process) }
            outcome = .success(try await work(self))
        } catch { outcome = .failure(error) }
        return (outcome, isOpen && !isInTransaction)
    }

    /// The number of the server's process, as the greeting said it.
    var greetedProcess: Int64? { session?.greetedProcess }

    /// A second session with the same server.
    func another() async throws(PostgresError) -> Connection {
        try await Connection(url, applicationName: "shipit", connectTimeout: .seconds(10))
    }

    /// Whether the session can still be used, as far as is known.
    public var isOpen: Bool { session?.isReady ?? false }

    /// Listens to a channel from now on.
    public func listen(_ channel: String) async throws(PostgresError) {
        let name = try await alive { (session: Session) throws(PostgresError) in try session.quoted(channel) }
        _ = try await query("LISTEN \(name)")
    }

    /// The texts of what came on the channels listened to, oldest first, as soon as anything did; none after `timeout`.
    ///
    /// Other calls wait meanwhile: give listening a connection of its own.
    public func notifications(within timeout: Duration) async throws(PostgresError) -> [String] {
        try await alive { (session: Session) throws(PostgresError) in try session.takeNotifications(Watch(wake, for: timeout)) }
    }

    /// Ends the session; the server rolls back what is open in it.
    public func close() async {
        session = nil
    }

    private func run(
        _ timeout: Duration?, _ send: (Session) throws(PostgresError) -> Void
    ) async throws(PostgresError) -> [QueryResult] {
        let answers = try await alive { (session: Session) throws(PostgresError) in
            if Task.isCancelled { throw PostgresError(.cancelled, "The statement was cancelled before it was sent.") }
            try send(session)
            return try session.results(Watch(wake, for: timeout))
        }
        return try answers.map { (answer: Answer) throws(PostgresError) in try answer.result }
    }

    /// Does something with the session, and gives the session up when it is of no use afterwards.
    private func alive<T>(_ work: (Session) throws(PostgresError) -> T) async throws(PostgresError) -> T {
        guard let session else { throw PostgresError(.connectionLost, "The session with \(url) has ended; open a new one.") }
        defer { if !session.isReady { self.session = nil } }
        return try await cancellable { () throws(PostgresError) in try work(session) }
    }

    /// Runs what blocks this actor's queue such that a cancelled task ends its wait.
    private func cancellable<T>(_ work: () throws(PostgresError) -> T) async throws(PostgresError) -> T {
        let outcome: Result<T, PostgresError> = await withTaskCancellationHandler {
            // Naming `self` is what makes this closure the actor's: without it, it would block a thread of the shared pool.
            self.preconditionIsolated()
            do throws(PostgresError) { return .success(try work()) } catch { return .failure(error) }
        } onCancel: { [wake] in
            wake.signal()
        }
        return try outcome.get()
    }
}
