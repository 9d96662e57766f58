public import Journal
public import Postgres

/// A replica of a ledger in PostgreSQL, for what may be answered as it was a moment ago.
///
/// The primary is asked now and then how far it has come, and each answer of the replica comes with its word that it has come as far: so it
/// is never older than `Limits.age`, however far behind or cut off the replica is. One that fails is left alone for a while, and then
/// asked before anybody has to rely on it.
public actor PostgresReplica {
    /// What is expected of a replica.
    public struct Limits: Sendable, Hashable {
        /// How old an answer may be at most.
        public var age = Duration.seconds(2)
        /// How long somebody waits for a replica that has not come as far yet.
        public var patience = Duration.milliseconds(250)
        /// How long one that failed is left alone.
        public var rest = Duration.seconds(5)

        /// Two seconds, and what goes with it.
        public init() {}
    }

    private enum State {
        case used
        case resting(until: ContinuousClock.Instant)
        /// Whether it can be used again is being found out.
        case asked
    }

    /// More than opening a session or a small statement takes, and little enough for whoever waits for it.
    private static let connectTimeout = Duration.seconds(1)

    private let url: DatabaseURL
    private let limits: Limits
    private let pool: SessionPool
    private let primary: SessionPool
    private let primaryURL: DatabaseURL
    private let onChange: @Sendable (StoreError?) -> Void
    private var state = State.resting(until: .now)
    private var isToldUsed: Bool?
    /// Oldest first; an answer need be no newer than the oldest of them that is young enough.
    private var marks: [(mark: PostgresMark, at: ContinuousClock.Instant)] = []
    private var taking: Task<Void, any Error>?

    /// The replica at `url`, not connected to before it is asked for.
    ///
    /// - Parameters:
    ///   - url: the replica.
    ///   - primary: the database that it is a replica of.
    ///   - limits: what is expected of it.
    ///   - onChange: told nil once it is used, and why when it is no longer.
    public init(
        _ url: DatabaseURL, of primary: DatabaseURL, limits: Limits = Limits(),
        onChange: @escaping @Sendable (StoreError?) -> Void
    ) {
        self.url = url
        self.limits = limits
        self.onChange = onChange
        primaryURL = primary
        pool = SessionPool(url, applicationName: "shipit replica", connectTimeout: Self.connectTimeout)
        self.primary = SessionPool(
            primary, applicationName: "shipit replica", places: 1, connectTimeout: Self.connectTimeout)
    }

    /// The ledger as the replica has it; nil while that is not to be had, and the primary has to answer.
    ///
    /// To be used at once, and for one answer. What fails on it is to be told to `failed`.
    public func ledger() async -> (any Store)? {
        switch state {
        case .asked: return nil
        case .resting(let end):
            guard end <= .now else { return nil }
            state = .asked
            // Nobody waits for one that failed before.
            Task { await ask() }
            return nil
        case .used: break
        }
        marks.removeAll { $0.at + limits.age < .now }
        if marks.isEmpty {
            do throws(StoreError) { try await takeMark() } catch {
                failed(error)
                return nil
            }
        } else if let newest = marks.last, newest.at + limits.age / 2 < .now, taking == nil {
            Task { try? await takeMark() }
        }
        // It may have failed meanwhile.
        guard case .used = state, let oldest = marks.first else { return nil }
        return PostgresReplicaStore(pool: pool, url: url, mark: oldest.mark, patience: limits.patience)
    }

    /// Says that the replica could not answer: it is left alone for a while.
    public func failed(_ error: StoreError) {
        state = .resting(until: .now + limits.rest)
        marks = []
        tell(error)
    }

    /// How many sessions with the replica are open, and how many of them are at work.
    public var sessions: (open: Int, busy: Int) {
        get async { await pool.sessions }
    }

    /// Ends the sessions.
    public func close() async {
        await pool.close()
        await primary.close()
    }

    /// Finds out whether the replica can be used: it answers what whoever reads asks, and is not too far behind.
    private func ask() async {
        do throws(StoreError) {
            try await takeMark()
            // Unless somebody whom the replica failed before has come in between.
            guard let newest = marks.last else { throw StoreError(.busy, "The replica \(url) has just failed.") }
            let store = PostgresReplicaStore(pool: pool, url: url, mark: newest.mark, patience: limits.age)
            _ = try await store.heads(of: .environment, before: nil, limit: 1)
            state = .used
            tell(nil)
        } catch {
            failed(error)
        }
    }

    private func tell(_ error: StoreError?) {
        guard isToldUsed != (error == nil) else { return }
        isToldUsed = error == nil
        onChange(error)
    }

    /// Asks the primary how far it has come, once for all who want to know at the same time.
    private func takeMark() async throws(StoreError) {
        let task = taking ?? Task { try await addMark() }
        taking = task
        let outcome = await task.result
        if taking == task { taking = nil }
        do { try outcome.get() } catch { throw StoreError(error, postgres: primaryURL) }
    }

    private func addMark() async throws {
        let at = ContinuousClock.now
        marks.append((try await primary.repeating { try await PostgresMark($0) }, at))
    }
}
