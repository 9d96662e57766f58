import Pipeline

/// How one sort of target runs releases.
///
/// The rest of shipit knows of a target no more than these calls.
protocol TargetDriver: Sendable {
    /// Makes the target run the release and writes the release's record onto it.
    ///
    /// A failure leaves what ran before running.
    /// - Parameter lastGood: the newest good release, written beside the record, so that a rollback needs no ledger.
    /// - Returns: the release as the target has it: where an earlier attempt came so far, with that one's time and person.
    func deploy(_ release: Release, lastGood: Release?) async throws(StageFailure) -> Release

    /// What the target says it runs; nil when nothing of ours runs there.
    func record() async throws(StageFailure) -> TargetRecord?

    /// What was changed by hand since the release that is recorded was brought there, place by place.
    func drift(from record: TargetRecord) async throws(StageFailure) -> [TargetDifference]

    /// What a deploy of the release would change there, but for the record of it.
    func difference(to release: Release, from record: TargetRecord?) async throws(StageFailure) -> [TargetDifference]

    /// Removes what a deployment that was cut short has left beside what runs, as far as that can be done now.
    func tidy() async
}

/// What a target knows of the release it runs.
struct TargetRecord: Sendable {
    /// The release.
    var release: Release
    /// The newest good release when it was deployed.
    var lastGood: Release?
    /// Whether every service of the release runs it and is healthy.
    var isWhole: Bool
}

extension Target {
    /// The driver of this target.
    func driver(for work: Work) -> any TargetDriver {
        switch self {
        case .compose(let target): ComposeDriver(target: target, work: work)
        case .helm(let target): HelmDriver(target: target, work: work)
        }
    }
}

extension Release {
    /// Whether it is `other`, made again by a later attempt: all is the same but when and by whom.
    func isAgain(_ other: Release) -> Bool {
        var again = other
        again.at = at
        again.by = by
        return self == again
    }
}
