/// A few sessions with one server, opened when they are needed and lent to one piece of work at a time.
public actor SessionPool {
    private let url: DatabaseURL
    private let name: String
    private let timeout: Duration
    private var idle: [Connection] = []
    private var places: Int
    private var lent = 0
    private var waiting: [(ticket: Int, turn: CheckedContinuation<Bool, Never>)] = []
    private var tickets = 0
    private var isClosed = false

    /// Sessions with the database at `url`.
    ///
    /// - Parameters:
    ///   - url: the database.
    ///   - applicationName: what administrators see the sessions as.
    ///   - places: how many there are at most.
    ///   - connectTimeout: how long opening one may take.
    public init(
        _ url: DatabaseURL, applicationName: String, places: Int = 4, connectTimeout: Duration = .seconds(10)
    ) {
        self.url = url
        self.places = places
        name = applicationName
        timeout = connectTimeout
    }

    /// How many sessions are open, and how many of them are at work.
    public var sessions: (open: Int, busy: Int) { (idle.count + lent, lent) }

    /// Lends a session to `work`; one that is lost meanwhile is not used again.
    public func with<T: Sendable>(_ work: @Sendable (Connection) async throws -> T) async throws -> T {
        try await takePlace()
        defer { leavePlace() }
        guard !isClosed else {
            throw PostgresError(.other, "The sessions with \(url) were closed by this process; open them again.")
        }
        let connection = try await session()
        lent += 1
        defer { lent -= 1 }
        let (outcome, isReusable) = await connection.lend(to: work)
        await giveBack(connection, isReusable)
        return try outcome.get()
    }

    /// The same, and once more with a new session when the first was cut: only for what may be done twice.
    public func repeating<T: Sendable>(_ work: @Sendable (Connection) async throws -> T) async throws -> T {
        do {
            return try await with(work)
        } catch let error as PostgresError where error.code == .connectionLost {
            return try await with(work)
        }
    }

    /// Ends the sessions; those that are lent end when they come back.
    public func close() async {
        isClosed = true
        await dropIdle()
    }

    private func session() async throws(PostgresError) -> Connection {
        if let connection = idle.popLast() { return connection }
        return try await Connection(url, applicationName: name, connectTimeout: timeout)
    }

    private func giveBack(_ connection: Connection, _ isReusable: Bool) async {
        if isReusable, !isClosed {
            idle.append(connection)
        } else {
            await connection.close()
            // What cut this session, as a restart of the server does, has most likely cut the others.
            await dropIdle()
        }
    }

    private func dropIdle() async {
        let dropped = idle
        idle = []
        for connection in dropped { await connection.close() }
    }

    /// Waits for one of the places, first come, first served.
    private func takePlace() async throws {
        if places > 0 {
            places -= 1
            return
        }
        tickets += 1
        let ticket = tickets
        let isGiven = await withTaskCancellationHandler {
            await withCheckedContinuation { turn in
                if Task.isCancelled { turn.resume(returning: false) } else { waiting.append((ticket, turn)) }
            }
        } onCancel: {
            Task { await self.withdraw(ticket) }
        }
        guard isGiven else { throw CancellationError() }
    }

    private func withdraw(_ ticket: Int) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).turn.resume(returning: false)
    }

    /// Hands the place to whoever waits longest.
    private func leavePlace() {
        if waiting.isEmpty { places += 1 } else { waiting.removeFirst().turn.resume(returning: true) }
    }
}
