public import Pipeline
public import Records

extension Session {
    /// The Changes that wait for a person, of the 200 newest runs that wait, newest run first.
    public func approvals() async throws(Refusal) -> [ApprovalView] {
        var found: [ApprovalView] = []
        let runs = try await ledger { () async throws(LedgerError) in try await ledger.waitingRuns(limit: 200) }
        for summary in runs {
            found += try await ledger { () async throws(LedgerError) in try await ledger.run(summary.id) }.waitingApprovals
        }
        return found
    }

    /// Records a person's consent to the Change that waits in a run.
    ///
    /// - Parameters:
    ///   - prefix: the beginning of the run's id.
    ///   - sum: the beginning of the Change's hash, when the person named what they looked at.
    ///   - comment: what the person says to it.
    public func approve(_ prefix: String, sum: String?, comment: String?) async throws(Refusal) -> RunWriter {
        try await record(prefix) { record throws(Refusal) in
            try Refusal.unless { () throws(Objection) in try record.approval(of: sum, comment: comment) }
        }
    }

    /// Records a person's refusal.
    public func reject(_ prefix: String, reason: String) async throws(Refusal) -> RunWriter {
        try await record(prefix) { record throws(Refusal) in
            try Refusal.unless { () throws(Objection) in try record.rejection(of: nil, reason: reason) }
        }
    }

    /// Ends a run: what has not begun is cancelled, what is under way is ended by whoever drives it.
    public func cancel(_ prefix: String, reason: String) async throws(Refusal) -> RunWriter {
        try await record(prefix) { record throws(Refusal) in
            try Refusal.unless { () throws(Objection) in try record.cancellation(reason: reason) }
        }
    }
}
