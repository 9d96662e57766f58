extension RunEvent {
    /// The one stage it is about; nil where it is about the run, or about several.
    public var stage: StageName? {
        switch self {
        case .started(let stage, _, _, _, _), .launched(let stage, _, _), .succeeded(let stage, _, _, _, _),
            .failed(let stage, _, _, _), .timedOut(let stage, _), .backoffElapsed(let stage, _), .skipped(let stage, _),
            .approvalRequested(let stage, _, _, _), .approved(let stage, _, _), .rejected(let stage, _),
            .approvalVoided(let stage, _, _, _), .stopped(let stage, _), .doubted(let stage, _, _), .absolved(let stage, _, _),
            .undecided(let stage, _, _):
            stage
        case .created, .goalExtended, .resumed, .retried, .cancelRequested, .interrupted: nil
        }
    }
}
