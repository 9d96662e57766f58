import Pipeline

/// Freezes the Change and waits for a person: `approve` stages.
struct ApprovePerformer: Performer {
    func perform(_ stage: Approve, _ inputs: Approve.Inputs, _ work: Work) async throws(StageFailure) -> Performed<Approval> {
        .waiting(try await ChangeReader(work: work).change(of: stage.target, images: inputs.images))
    }

    /// Computing a Change leaves no trace: it is computed again.
    func observe(_ stage: Approve, _ inputs: Approve.Inputs, _ work: Work) async throws(StageFailure) -> Observation<Approval> {
        .notDone("the change is computed again")
    }
}
