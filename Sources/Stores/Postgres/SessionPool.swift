import Journal
import Postgres

/// At most four sessions with the ledger's server, opened when they are needed.
actor SessionPool {
    private let url: DatabaseURL
    private var idle: [Connection] = []
    private var places = 4
    private var waiting: [(ticket: Int, turn: CheckedContinuation<Bool, Never>)] = []
    private var tickets = 0
    private var isClosed = false

    init(_ url: DatabaseURL) {
        self.url = url
    }

    /// Lends a session to `work`; one that is lost meanwhile is not used again.
    func with<T: Sendable>(_ work: @Sendable (Connection) async throws -> T) async throws -> T {
        try await takePlace()
        defer { leavePlace() }
        guard !isClosed else { throw StoreError(.failed, "The ledger \(url) was closed by this process; open it again.") }
        let connection = try await session()
        do {
            let value = try await work(connection)
            await giveBack(connection)
            return value
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// The same, and once more with a new session when the first was cut: only for what may be done twice.
    func repeating<T: Sendable>(_ work: @Sendable (Connection) async throws -> T) async throws -> T {
        do {
            return try await with(work)
        } catch let error as PostgresError where error.code == .connectionLost {
            return try await with(work)
        }
    }

    /// Ends the sessions; those that are lent end when they come back.
    func close() async {
        isClosed = true
        await dropIdle()
    }

    private func session() async throws(PostgresError) -> Connection {
        if let connection = idle.popLast() { return connection }
        return try await Connection(url, applicationName: "shipit", connectTimeout: .seconds(10))
    }

    private func giveBack(_ connection: Connection) async {
        // A transaction that a failure left open must not meet the next user.
        if await connection.isOpen, await !connection.isInTransaction, !isClosed {
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
