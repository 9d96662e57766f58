import Executors
import Pipeline

/// What was found of one thing that a project needs.
public struct Finding: Hashable, Sendable, Encodable {
    /// Whether it will do.
    public enum Verdict: String, Sendable, Encodable {
        /// It will.
        case fine
        /// It may, or is not needed yet.
        case doubtful
        /// It is missing.
        case missing
    }

    /// What: `docker`, `database of staging`.
    public var subject: String
    /// Whether it will do.
    public var verdict: Verdict
    /// What was found: no secret is in it.
    public var message: String
    /// How to get what is missing.
    public var remedy: String?

    init(_ subject: String, _ verdict: Verdict, _ message: String, remedy: String? = nil) {
        self.subject = subject
        self.verdict = verdict
        self.message = message
        self.remedy = remedy
    }

    /// A failure of whatever was asked.
    init(_ subject: String, _ failure: StageFailure, remedy: String? = nil) {
        self.init(subject, .missing, failure.failure.message, remedy: remedy ?? failure.failure.remedy)
    }

    /// Asks, for as long as an answer is worth waiting for.
    ///
    /// - Parameter grace: how long what was asked may take to end, as programs are ended in order; what cannot be interrupted, as a name that
    ///   is looked up, is left behind then.
    static func of(
        _ subject: String, within limit: Duration = .seconds(5), grace: Duration = .seconds(2),
        _ ask: @escaping @Sendable () async -> Finding
    ) async -> Finding {
        let late = Finding(
            subject, .missing, "There was no answer within \(limit.components.seconds) s.",
            remedy: "See whether it is up, and whether a firewall, a proxy or a name server stands between.")
        return await Executors.within(limit + grace) {
            await withTaskGroup(of: Finding?.self) { group in
                group.addTask { await ask() }
                group.addTask {
                    try? await Task.sleep(for: limit)
                    return nil
                }
                let first = await group.next() ?? nil
                group.cancelAll()
                return first ?? late
            }
        } ?? late
    }
}
