public import Pipeline

/// What a drive may do of its run.
public enum DriveScope: Sendable {
    /// Everything that is left to do.
    case whole
    /// These stages, and looking what became of them; the others are left to others.
    case stages(Set<StageName>)
    /// Looking what became of stages in doubt, and nothing new.
    case doubts

    /// The stages that may be begun; nil for all.
    var begun: Set<StageName>? {
        switch self {
        case .whole: nil
        case .stages(let stages): stages
        case .doubts: []
        }
    }

    /// Whether the drive looks what became of a stage.
    func looks(at stage: StageName) -> Bool {
        if case .stages(let stages) = self { stages.contains(stage) } else { true }
    }

    /// Whether nobody drives the run any more when the drive ends.
    func isLeftToNobody(_ run: Run) -> Bool {
        switch self {
        case .whole: true
        case .stages: false
        case .doubts: !run.states.contains { if case .running = $0 { true } else { false } }
        }
    }

    /// Whether the drive waits for what is under way.
    var isWhole: Bool { if case .whole = self { true } else { false } }
}
