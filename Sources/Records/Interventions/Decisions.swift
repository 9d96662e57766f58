import Hashing
public import Pipeline

extension RunRecord {
    /// A person's consent to the Change that waits.
    ///
    /// - Parameters:
    ///   - sum: the hash of the Change that the person has seen, or its beginning; nil when they named none.
    ///   - comment: what the person says to it.
    public func approval(of sum: String?, comment: String?) throws(Objection) -> RunEvent {
        let (stage, change) = try waiting(seen: sum)
        return .approved(stage: stage, change: change.sum, comment: comment)
    }

    /// A person's refusal of the Change that waits.
    ///
    /// - Parameters:
    ///   - sum: the hash of the Change that the person has seen, or its beginning; nil when they named none.
    ///   - reason: why.
    public func rejection(of sum: String?, reason: String) throws(Objection) -> RunEvent {
        .rejected(stage: try waiting(seen: sum).stage, reason: reason)
    }

    /// The wish that the run ends; nil when somebody wished for it already.
    ///
    /// What has not begun is cancelled, what is under way is ended by whoever drives the run.
    public func cancellation(reason: String) throws(Objection) -> RunEvent? {
        guard run.status.isOpen else {
            throw Objection(.unfit, "Run \(run.id) has ended already: it \(run.status.rawValue).")
        }
        return run.isCancelling ? nil : .cancelRequested(reason: reason)
    }

    private func waiting(seen sum: String?) throws(Objection) -> (stage: StageName, change: Change) {
        guard let first = run.waitingApprovals.first else {
            throw Objection(
                .unfit, "Run \(run.id) does not wait for an approval: it is \(run.status.rawValue).",
                remedy: "See 'shipit approvals' for what does.")
        }
        guard let sum else { return first }
        guard let seen = run.waitingApprovals.first(where: { $0.change.sum.hex.hasPrefix(sum) }) else {
            throw Objection(
                .otherChange, "Run \(run.id) waits for approval of change \(first.change.sum.hex.prefix(12)), not of \(sum).",
                remedy: "Look at 'shipit approvals' and approve what stands there.")
        }
        return seen
    }
}

extension EnvironmentRecord {
    /// The end of the stop on deploys.
    ///
    /// - Parameters:
    ///   - actor: who lifts it.
    ///   - reason: why.
    public func lifting(by actor: String, reason: String) throws(Objection) -> EnvironmentEvent {
        guard state.hold != nil else { throw Objection(.unfit, "\(name) is not held.") }
        return .unheld(by: actor, reason: reason)
    }
}
