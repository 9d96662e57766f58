import Pipeline
public import Records

extension Session {
    /// Has stages made again that failed, or that nobody can tell of; all that failed when none is named.
    ///
    /// Recorded only: whoever drives the run next begins them.
    public func retry(_ prefix: String, stages: [String], reason: String?) async throws(Refusal) -> RunWriter {
        try await record(prefix) { record throws(Refusal) in
            let run = record.run
            guard !stages.isEmpty else {
                guard !run.retryable.isEmpty else { throw Self.nothingFailed(in: record) }
                return .retried(stages: run.retryable, reason: reason ?? Self.noReason)
            }
            var names: [StageName] = []
            for stage in stages { names.append(try run.plan.requireStage(stage)) }
            let unknown = names.filter(run.undecided.contains)
            guard unknown.isEmpty || reason != nil else {
                throw Refusal(
                    .badInput,
                    "Nobody knows what became of \(unknown.map(\.text).joined(separator: ", ")), and made again it could happen twice.",
                    remedy: "Look at what its error names; then say with --reason what you saw.")
            }
            return .retried(stages: names, reason: reason ?? Self.noReason)
        }
    }

    /// Leaves a stage out: who only waits for it goes on, who needs what it would have made does not.
    public func skip(_ prefix: String, stage: String, reason: String) async throws(Refusal) -> RunWriter {
        try await record(prefix) { record throws(Refusal) in
            let name = try record.run.plan.requireStage(stage)
            let awaited = record.run.awaited(by: name)
            guard awaited.isEmpty else {
                throw Refusal(
                    .badInput,
                    "'\(name)' cannot be left out yet: it waits for \(awaited.map(\.text).joined(separator: ", ")), and so does what follows it.",
                    remedy: "See 'shipit status' for where the run stands.")
            }
            return .skipped(stage: name, reason: reason)
        }
    }

    private static let noReason = "asked for by a person"

    private static func nothingFailed(in record: RunRecord) -> Refusal {
        let run = record.run
        switch run.status {
        case .indeterminate:
            return Refusal(
                .badInput, "No stage of run \(run.id) has failed; of some nobody knows what became of them.",
                remedy: "Name the stage, and say with --reason what you saw: shipit retry \(run.id) STAGE --reason …")
        case .interrupted:
            return Refusal(
                .badInput, "No stage of run \(run.id) has failed; it was interrupted.",
                remedy: "Go on with: shipit resume \(run.id)")
        default:
            return Refusal(
                .badInput, "No stage of run \(run.id) has failed that can be made again: its status is \(run.status.rawValue).")
        }
    }
}
