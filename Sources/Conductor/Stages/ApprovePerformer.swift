import Pipeline

/// Freezes the Change and waits for a person: `approve` stages.
struct ApprovePerformer: Performer {
    func perform(_ stage: Approve, _ inputs: Approve.Inputs, _ work: Work) async throws(StageFailure) -> Performed<Approval> {
        let reader = ChangeReader(work: work)
        return .waiting(try await reader.change(of: stage.target, images: inputs.images), await reader.commits(of: stage.target))
    }

    /// Computing a Change leaves no trace: it is computed again.
    func observe(_ stage: Approve, _ inputs: Approve.Inputs, _ work: Work) async throws(StageFailure) -> Observation<Approval> {
        .notDone("the change is computed again")
    }
}
