import Journal
import Logging
import Postgres
import PostgresStores
import Records
import Serving

/// A replica of the ledger, which takes what may be a moment old off the primary, and which nobody misses while it is away.
actor Replica {
    /// That the primary has to answer.
    struct Away: Error {}

    /// How long it is waited for; what is left of the time of an answer is the primary's.
    static let deadline = Duration.milliseconds(1500)

    private let source: PostgresReplica
    /// How many questions it answered, and how many the primary had to answer for it.
    private(set) var reads = (answered: 0, fallen: 0)

    /// The replica at `url` of the ledger at `primary`.
    init(_ url: DatabaseURL, of primary: DatabaseURL, limits: PostgresReplica.Limits, logger: Logger) {
        source = PostgresReplica(url, of: primary, limits: limits) { error in
            if let error {
                logger.warning("the ledger's replica is left alone: the primary answers", error: error)
            } else {
                logger.info("the ledger's replica answers what may be a moment old")
            }
        }
    }

    /// What `work` makes of the ledger as the replica has it, nil where that is not for the replica to answer.
    ///
    /// Throws `Away` where the primary has to answer, for whatever reason: what the replica says wrong, or not yet, nobody is told.
    func answer<Answer: Sendable>(
        _ work: @escaping @concurrent @Sendable (Ledger) async throws -> Answer?
    ) async throws(Away) -> Answer {
        let outcome = await within(Self.deadline) { [source] () -> Result<Answer?, any Error> in
            guard let store = await source.ledger() else { return .failure(Away()) }
            do { return .success(try await work(Ledger(store))) } catch { return .failure(error) }
        }
        switch outcome {
        case .success(let answer?):
            reads.answered += 1
            return answer
        case .success(nil): throw Away()
        case .failure(let error as StoreError), .failure(LedgerError.store(let error)): await source.failed(error)
        // It does not know yet what is asked for, or reading it took longer than it stayed the same.
        case .failure: break
        case nil: await source.failed(StoreError(.busy, "The replica did not answer within \(Self.deadline)."))
        }
        reads.fallen += 1
        throw Away()
    }

    /// How many sessions with it are open, and how many of them are at work.
    var sessions: (open: Int, busy: Int) {
        get async { await source.sessions }
    }

    /// Ends the sessions.
    func close() async {
        await source.close()
    }
}
