public import Pipeline

/// What a drive may do of its run.
public enum DriveScope: Sendable {
    /// Everything that is left to do.
    case whole
    /// These stages, and looking what became of them; the others are left to others.
    case stages(Set<StageName>)
    /// Looking what became of stages in doubt, and nothing new.
    case doubts
    /// Looking what became of the stages that change an environment which is ours now: whoever was making them has lost it.
    case fenced(EnvironmentName)

    /// The stages that may be begun; nil for all.
    var begun: Set<StageName>? {
        switch self {
        case .whole: nil
        case .stages(let stages): stages
        case .doubts, .fenced: []
        }
    }

    /// Whether the drive looks what became of a stage.
    func looks(at stage: StageName, of run: Run) -> Bool {
        switch self {
        case .whole, .doubts: true
        case .stages(let stages): stages.contains(stage)
        case .fenced(let environment): run.stage(stage)?.kind.value.environment == environment
        }
    }

    /// Why a driver cannot go on with a stage, whether it is at work or not: it has lost the right to; nil while it may.
    func fencedOff(_ driver: Driver, from stage: PlannedStage) -> String? {
        guard case .fenced(let environment) = self, stage.kind.value.changesEnvironment,
            stage.kind.value.environment == environment
        else { return nil }
        return "process \(driver.pid) on \(driver.host) lost its lease on \(environment)"
    }

    /// Whether nobody drives the run any more when the drive ends.
    func isLeftToNobody(_ run: Run) -> Bool {
        switch self {
        case .whole: true
        case .stages: false
        case .doubts, .fenced: !run.states.contains { if case .running = $0 { true } else { false } }
        }
    }

    /// Whether the drive waits for what is under way.
    var isWhole: Bool { if case .whole = self { true } else { false } }
}
